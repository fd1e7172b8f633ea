/** Ways to a server that runs elsewhere, for the command line. */
import { systemClock } from '../apimachinery/clock.ts';
import {
  type Client,
  KubeconfigError,
  mergeIntoKubeconfig,
  newClient,
  newHttpsTransport,
  readAccess,
  userKubeconfig,
} from '../client/index.ts';
import { UserError } from './user-error.ts';

/** The name of the cluster, user and context that longshore adds to a kubeconfig. */
const CONTEXT = 'longshore';

/** A client with connections to release. */
export interface Connection {
  readonly client: Client;
  /** `https://host:port`. */
  readonly server: string;
  /** PEM of the server's authority, where the kubeconfig has it. */
  readonly ca: string | undefined;
  close(): void;
}

/**
 * Connects to the server that a kubeconfig's current context names.
 *
 * @throws {UserError} when the kubeconfig cannot be read.
 */
export async function connect(kubeconfig: string): Promise<Connection> {
  try {
    const access = await readAccess(kubeconfig, systemClock);
    const transport = newHttpsTransport({ ...access, clock: systemClock });
    const { server, ca } = access;
    return { client: newClient(transport), server, ca, close: () => transport.close() };
  } catch (error) {
    if (error instanceof KubeconfigError) throw new UserError(error.message, { cause: error });
    throw error;
  }
}

/**
 * Adds the server that `kubeconfig` names to the user's own kubeconfig, as context `longshore`.
 *
 * @throws {UserError} when the user's file cannot be read or written; it is left as it was.
 */
export async function mergeUserKubeconfig(kubeconfig: string): Promise<void> {
  const { server, ca, cert, key } = await readAccess(kubeconfig, systemClock);
  try {
    await mergeIntoKubeconfig(userKubeconfig(), CONTEXT, {
      server,
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    });
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw error;
    throw new UserError(`${error.message}; or leave it alone with --no-merge-kubeconfig`, { cause: error });
  }
}
