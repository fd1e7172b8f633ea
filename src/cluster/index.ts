/**
 * Assembly: which parts run in this process, on which port, with which data directory. Nothing is decided here but that;
 * every rule lives in the room that it belongs to.
 *
 * Guarantees: a cluster that has started answers on all its parts; a cluster that has stopped has left no process,
 * timer, socket or watch behind; a start that fails has undone what it did.
 *
 * Not here: commands and their output (cli), anything that a part could know by itself.
 */
export type { Agent, AgentOptions } from './agent.ts';
export { hashOf } from './authority-hash.ts';
export type { Cluster, ClusterOptions } from './cluster.ts';
export { type Connection, connect, mergeUserKubeconfig } from './connect.ts';
export {
  type DataDirectory,
  defaultDataDirectory,
  isAlive,
  openDataDirectory,
  removeServerRecord,
  runningServer,
  type ServerRecord,
  writeServerRecord,
} from './data-directory.ts';
export { startAgent, startCluster } from './doors.ts';
export { fitHeapToWork } from './heap-size.ts';
export { buildImage, type ImageBuildOptions, listImages, loadImage } from './images.ts';
export type { NodeFlags } from './node-flags.ts';
export { UserError } from './user-error.ts';
