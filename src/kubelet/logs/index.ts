/**
 * Container logs as files in the format of CRI, whoever wrote them: reading (whole, tail, since, follow) and rotation.
 *
 * A follower sees every line once and in order, across rotations, unless it falls behind by a whole file; it ends when nothing
 * more will be written. What was rotated away before the reading began is not shown, as with Kubernetes.
 */
export { type LogLine, logLineHead, parseLogLine } from './cri-line.ts';
export { LineSplitter } from './line-splitter.ts';
export { type LogRequest, lastLogLines, readLogFile } from './log-file.ts';
export { type LogLimits, type Rotation, rotateLog } from './rotation.ts';
