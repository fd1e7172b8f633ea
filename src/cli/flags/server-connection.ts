/** How a verb finds the server that it talks to. */
import { resolve } from 'node:path';
import {
  type Connection,
  connect,
  defaultDataDirectory,
  runningServer,
  UserError,
} from '../../cluster/index.ts';

/** The options by which a user names a server. */
export interface ServerOptions {
  readonly kubeconfig?: string;
  readonly dataDir?: string;
}

/**
 * Connects to the server of `--kubeconfig`, else to the one that runs on the data directory.
 *
 * @throws {UserError} when none runs there or the kubeconfig cannot be read.
 */
export async function connectToServer(options: ServerOptions): Promise<Connection> {
  if (options.kubeconfig !== undefined) return await connect(resolve(options.kubeconfig));
  const directory = resolve(options.dataDir ?? defaultDataDirectory());
  const record = runningServer(directory);
  if (record === undefined) {
    throw new UserError(
      `no server runs on ${directory}: start one with 'longshore up', or name one with --kubeconfig or --data-dir`,
    );
  }
  return await connect(record.kubeconfig);
}
