/**
 * Assembly: which parts run in this process, on which port, with which data directory. Nothing is decided here but that;
 * every rule lives in the room that it belongs to. `cluster.ts` starts all of it in one process, `agent/` a node alone;
 * what they put together lies in `server/`, `nodes/` and `runtimes/`, their files in `data-directory/`, and what concerns
 * the process itself (its log, its memory) in `process/`.
 *
 * Guarantees: a cluster that has started answers on all its parts; a cluster that has stopped has left no process,
 * timer, socket or watch behind; a start that fails has undone what it did.
 *
 * Not here: commands and their output (cli), anything that a part could know by itself.
 */
export type { Agent, AgentOptions } from './agent/agent.ts';
export { hashOf } from './agent/authority-hash.ts';
export type { Cluster, ClusterOptions } from './cluster.ts';
export { type Connection, connect, mergeUserKubeconfig } from './connect.ts';
export {
  type DataDirectory,
  defaultDataDirectory,
  openDataDirectory,
} from './data-directory/data-directory.ts';
export { makePassingDirectory } from './data-directory/passing-directory.ts';
export {
  removeServerRecord,
  runningServer,
  type ServerRecord,
  writeServerRecord,
} from './data-directory/server-record.ts';
export { startAgent, startCluster } from './doors.ts';
export type { NodeFlags } from './nodes/node-flags.ts';
export { fitHeapToWork } from './process/heap-size.ts';
export { buildImage, type ImageBuildOptions, listImages, loadImage } from './runtimes/images.ts';
export { UserError } from './user-error.ts';
