/** The authority of a server elsewhere, which tells it from an impostor. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { type Clock, sleep, systemClock } from '../../apimachinery/clock.ts';
import { type Logger, writeSecretFile } from '../../client/index.ts';
import { UserError } from '../user-error.ts';
import { JOIN_RETRY_MS, PATIENCE } from './agent-patience.ts';
import { hashOf } from './authority-hash.ts';

/** By what a server's authority is known. */
export interface AuthoritySource {
  /** `https://host:port`. */
  readonly server: string;
  /** `sha256:…` of the public key of the server's authority. */
  readonly caCertHash?: string;
  /** A PEM file with the server's authority, instead of its hash. */
  readonly caFile?: string;
  /** Where it is kept for the next time. */
  readonly dataDirectory: string;
}

/**
 * PEM of the server's authority: from a file, from the last time, or from the server itself if its hash is the right one. A server
 * that cannot be reached is waited for.
 *
 * @throws {UserError} when it cannot be told from an impostor.
 */
export async function serverAuthority(source: AuthoritySource, log: Logger): Promise<string> {
  const { caFile, caCertHash, dataDirectory, server } = source;
  if (caFile !== undefined) return read(caFile, '--ca-file');
  const kept = join(dataDirectory, 'pki', 'ca.crt');
  const known = await readFile(kept, 'utf8').catch(() => undefined);
  if (known !== undefined && (caCertHash === undefined || hashOf(known) === caCertHash)) return known;
  if (caCertHash === undefined) {
    throw new UserError(
      'the server cannot be told from an impostor: give --ca-cert-hash, which the server prints with the token, or --ca-file',
    );
  }
  for (;;) {
    try {
      const chain = await certificatesOf(new URL(server), systemClock);
      const found = chain.find((pem) => hashOf(pem) === caCertHash);
      if (found === undefined) {
        throw new UserError(`the authority of ${server} is not the one with the hash ${caCertHash}`);
      }
      writeSecretFile(kept, found);
      return found;
    } catch (error) {
      if (error instanceof UserError) throw error;
      log.warn({ server, error }, 'the server cannot be reached, trying again');
      await sleep(systemClock, JOIN_RETRY_MS);
    }
  }
}

async function read(file: string, flag: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError(`${flag} ${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** The certificates that a server shows, its own first. Nothing is believed of them yet. */
function certificatesOf({ hostname: host, port }: URL, clock: Clock): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port: Number(port || 443),
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
    });
    const late = clock.after(PATIENCE.connectMs, () => socket.destroy(new Error('connecting timed out')));
    socket.once('error', (error) => {
      late.cancel();
      reject(error);
    });
    socket.once('secureConnect', () => {
      late.cancel();
      const found: string[] = [];
      for (let at = socket.getPeerX509Certificate(); at !== undefined; at = at.issuerCertificate) {
        if (found.includes(at.toString())) break;
        found.push(at.toString());
      }
      socket.destroy();
      resolve(found);
    });
  });
}
