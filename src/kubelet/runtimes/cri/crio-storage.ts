/** Where CRI-O keeps its images: what it tells of its own configuration, by HTTP on the socket on which it speaks CRI. */
import { request } from '../../../apimachinery/node-http.ts';
import { CriError } from './cri-error.ts';

/** Milliseconds for the question: the answer lies ready. */
const CALL_MS_MAX = 10_000;
/** Bytes of a configuration that are read; one with a hundred of runtimes is smaller. */
const CONFIG_BYTES_MAX = 1024 * 1024;

/** A storage of images as containers/storage has it, which podman and skopeo can open as well. */
export interface CrioStorage {
  /** `overlay`, `vfs`, … */
  readonly driver: string;
  /** Where the images are. */
  readonly root: string;
  /** Where the locks and mounts of this start of the machine are noted. */
  readonly runRoot: string;
}

/** Asks the CRI-O behind that socket. Rejects with {@link CriError} where it does not tell. */
export async function crioStorage(endpoint: string): Promise<CrioStorage> {
  const config = await configurationOf(endpoint);
  const setting = (key: string): string => {
    const [, text] = new RegExp(`^\\s*${key} = ("(?:[^"\\\\]|\\\\.)*")$`, 'm').exec(config) ?? [];
    if (text === undefined) throw new CriError('INTERNAL', `CRI-O does not tell its ${key}`);
    // A basic string of TOML is one of JSON, but for escapes that no path has.
    return JSON.parse(text) as string;
  };
  return { driver: setting('storage_driver'), root: setting('root'), runRoot: setting('runroot') };
}

function configurationOf(endpoint: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void =>
      reject(
        new CriError('UNAVAILABLE', `CRI-O does not tell its configuration: ${error.message}`, {
          cause: error,
        }),
      );
    const headers = { host: 'localhost' };
    const asked = request({ socketPath: endpoint, path: '/config', headers, timeout: CALL_MS_MAX });
    asked.once('timeout', () => asked.destroy(new Error('no answer')));
    asked.once('error', failed);
    asked.once('response', (answer) => {
      let said = '';
      answer.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (said.length > CONFIG_BYTES_MAX) asked.destroy(new Error('it is too long'));
      });
      answer.once('error', failed);
      answer.once('end', () => {
        if (answer.statusCode === 200) resolve(said);
        else failed(new Error(`${answer.statusCode}: ${said}`));
      });
    });
    asked.end();
  });
}
