/** How a node gets its certificates: the first by a bootstrap token, the others by that. */
import { sleep, systemClock } from '../../apimachinery/clock.ts';
import { isForbidden, isPassing, isUnauthorized } from '../../apimachinery/status-error.ts';
import { type Client, type Logger, newClient, newHttpsTransport } from '../../client/index.ts';
import { CertificateRefused, type KeyPair, type NodeCertificate } from '../../kubelet/index.ts';
import { UserError } from '../user-error.ts';
import { JOIN_RETRY_MS, PATIENCE } from './agent-patience.ts';

/** Where to join, and by what. */
export interface JoinOrder {
  /** `https://host:port`. */
  readonly server: string;
  /** A bootstrap token. */
  readonly token?: string;
}

/**
 * The node's first certificate, by the bootstrap token. A server that cannot be reached is waited for.
 *
 * @throws {UserError} without a token, or when the server does not take it.
 */
export async function joinBy(
  { server, token }: JoinOrder,
  ca: string,
  identity: NodeCertificate,
  log: Logger,
): Promise<KeyPair> {
  if (token === undefined && identity.ended !== undefined) {
    throw new UserError(
      `this machine's certificate ended at ${identity.ended}: join again with a --token, which 'longshore token create' prints`,
    );
  }
  if (token === undefined) {
    throw new UserError(
      "this machine has not joined yet: give a --token, which 'longshore token create' prints",
    );
  }
  const transport = newHttpsTransport({ server, ca, token, patience: PATIENCE, clock: systemClock });
  try {
    for (;;) {
      try {
        return await identity.obtain(newClient(transport));
      } catch (error) {
        if (isUnauthorized(error) || isForbidden(error)) {
          throw new UserError(
            `the server does not take the token: ${(error as Error).message}; make one with 'longshore token create'`,
            { cause: error },
          );
        }
        if (error instanceof CertificateRefused) {
          throw new UserError(
            `the server does not let this machine join: ${error.message}; choose another name with --node-name, or delete that node first`,
            { cause: error },
          );
        }
        log.warn({ server, error }, 'the server cannot be reached, trying again');
        await sleep(systemClock, JOIN_RETRY_MS);
      }
    }
  } finally {
    transport.close();
  }
}

/** The first certificate for the agent's own server, asked for again and again as long as the API server cannot answer. */
export async function firstCertificate(
  serving: NodeCertificate,
  client: Client,
  log: Logger,
): Promise<KeyPair> {
  for (;;) {
    try {
      return await serving.obtain(client);
    } catch (error) {
      if (!isPassing(error)) throw error;
      log.warn({ error }, 'the certificate of this node could not be asked for, trying again');
      await sleep(systemClock, JOIN_RETRY_MS);
    }
  }
}
