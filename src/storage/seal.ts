import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { StorageError } from './storage.ts';

/** Keeps the objects under some keys unreadable in a store's log, for whoever has the files and not the secret. */
export interface Seal {
  /** Whether objects under that key of the store are sealed. */
  covers(key: string): boolean;
  /** The text to write for an object's JSON. */
  close(key: string, json: string): string;
  /** The JSON of what {@link close} wrote under the same key. Fails with `unavailable` for a secret that is not there. */
  open(key: string, sealed: string): string;
  /** Whether a text would be written otherwise today: it is plain, or sealed with a secret that is to go. */
  isStale(text: string): boolean;
}

/** What sealed texts begin with; the name of the secret and a colon follow. Objects begin with a brace. */
const MARK = 'longshore:enc:aesgcm:v1:';
/** Bytes of a secret: AES-256. */
export const SECRET_BYTES = 32;
/** Bytes of the number used once, as GCM wants it. Drawn at random, which is safe for some four thousand million writes. */
const NONCE_BYTES = 12;
/** Bytes of the tag that shows a change. */
const TAG_BYTES = 16;
/** Hexadecimal letters of a secret's name: enough to tell a few apart. */
const NAME_LETTERS = 12;

/** Whether a text of the log is sealed. */
export function isSealed(text: string): boolean {
  return text.startsWith(MARK);
}

/** The name of a secret, which tells nothing of it: a part of its hash. */
function secretName(secret: Uint8Array): string {
  return createHash('sha256').update('longshore').update(secret).digest('hex').slice(0, NAME_LETTERS);
}

/**
 * Seals with AES-256-GCM. An object is bound to its key in the store, so that one sealed text cannot take another's place.
 */
export class AesGcmSeal implements Seal {
  readonly #prefixes: readonly string[];
  readonly #secrets: ReadonlyMap<string, Uint8Array>;
  readonly #current: string;
  readonly #place: string;

  /**
   * @param prefixes of keys, each with `/` at its end.
   * @param secrets of {@link SECRET_BYTES} each. The first seals; the others open what they sealed once.
   * @param place where the secrets are kept, for the message about one that is missing.
   */
  constructor(prefixes: readonly string[], secrets: readonly [Uint8Array, ...Uint8Array[]], place: string) {
    this.#prefixes = prefixes;
    this.#secrets = new Map(secrets.map((each) => [secretName(each), each]));
    this.#current = secretName(secrets[0]);
    this.#place = place;
  }

  covers(key: string): boolean {
    return this.#prefixes.some((prefix) => key.startsWith(prefix));
  }

  close(key: string, json: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#secret(this.#current), nonce);
    cipher.setAAD(Buffer.from(key));
    const bytes = Buffer.concat([nonce, cipher.update(json, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${MARK}${this.#current}:${bytes.toString('base64')}`;
  }

  open(key: string, sealed: string): string {
    const [name = '', body = ''] = sealed.slice(MARK.length).split(':');
    const bytes = Buffer.from(body, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', this.#secret(name), bytes.subarray(0, NONCE_BYTES));
    decipher.setAAD(Buffer.from(key));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8');
      return text + decipher.final('utf8');
    } catch (error) {
      const message = `${key} is not as it was sealed: the store was changed by somebody without the key`;
      throw new StorageError('unavailable', message, { cause: error });
    }
  }

  isStale(text: string): boolean {
    return !text.startsWith(`${MARK}${this.#current}:`);
  }

  #secret(name: string): Uint8Array {
    const secret = this.#secrets.get(name);
    if (secret !== undefined) return secret;
    throw new StorageError('unavailable', lost(name, this.#place));
  }
}

/** What is said when the secret is gone that opens a text. */
function lost(name: string, place: string): string {
  return `Secrets in the store are encrypted with the key ${name}, which ${place} does not hold: put back the copy of that file that belongs to this store; without it they cannot be read`;
}
