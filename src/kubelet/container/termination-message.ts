/** A container's last words. Source: Container.terminationMessagePath and terminationMessagePolicy. */
import { open } from 'node:fs/promises';
import { lastLogLines } from '../logs/index.ts';

/** Bytes of a message that are kept: the last ones. */
const MESSAGE_BYTES_MAX = 4096;
/** Bytes and lines of the log that stand in for a message. */
const LOG_BYTES_MAX = 2048;
const LOG_LINES_MAX = 80;

/** How a run ended, and where to look. */
export interface EndedRun {
  readonly exitCode: number;
  readonly policy: string;
  /** Where its message file is on this machine. */
  readonly messageFile: string;
  readonly logFile: string;
}

/** The message of a run; empty when it left none. */
export async function terminationMessage({
  exitCode,
  policy,
  messageFile,
  logFile,
}: EndedRun): Promise<string> {
  const message = await tail(messageFile, MESSAGE_BYTES_MAX);
  if (message !== '' || policy !== 'FallbackToLogsOnError' || exitCode === 0) return message;
  return lastLogLines(logFile, LOG_LINES_MAX, LOG_BYTES_MAX);
}

async function tail(path: string, bytes: number): Promise<string> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(size, bytes));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8', 0, bytesRead);
  } catch {
    return ''; // The container removed its message file, or its pod's directory is gone.
  }
}
