/**
 * Kubeconfig files: reads what a context stands for, writes files of our own (0600, in one step), adds a context to the
 * user's file and takes it out again, leaving everything else in it as it is. Runs no exec plugins.
 */
export { type ClusterAccess, readAccess } from './access.ts';
export { KubeconfigError } from './kubeconfig-error.ts';
export { writeSecretFile } from './secret-file.ts';
export {
  mergeIntoKubeconfig,
  /** @public */
  removeFromKubeconfig,
  userKubeconfig,
  writeKubeconfig,
} from './write.ts';
