import { systemCodeOf } from '../../apimachinery/thrown.ts';
import type { ApiServer, Listening } from '../../apiserver/index.ts';
import { UserError } from '../user-error.ts';

/** Listens there. @throws {UserError} where the address or the port cannot be had, with what to do. */
export async function listenOrExplain(
  server: ApiServer,
  options: Parameters<ApiServer['listen']>[0],
): Promise<Listening> {
  try {
    return await server.listen(options);
  } catch (error) {
    const code = systemCodeOf(error);
    const { address, port } = options;
    const known: Readonly<Record<string, string>> = {
      EADDRINUSE: `port ${port} of ${address} is in use: choose another with --port, or --port 0 for any free one`,
      EADDRNOTAVAIL: `${address} is no address of this machine: choose another with --bind`,
      ENOTFOUND: `${address} is no address of this machine: choose another with --bind`,
      EACCES: `port ${port} may not be used by this user: choose one above 1023 with --port`,
    };
    const message = known[String(code)];
    if (message === undefined) throw error;
    throw new UserError(message, { cause: error });
  }
}
