import { systemClock } from '../../apimachinery/clock.ts';
import {
  AesGcmSeal,
  openMemoryStorage,
  openSqliteStorage,
  type Storage,
  StorageError,
} from '../../storage/index.ts';
import type { DataDirectory } from '../data-directory/data-directory.ts';
import { dropOldKeys, secretsKeys } from '../data-directory/secrets-key-file.ts';
import { UserError } from '../user-error.ts';

/** Where Secrets lie in the store. */
const SECRETS = ['/core/secrets/'];

/**
 * Opens the store of a data directory, in which Secrets are encrypted; `rotate` gives them a new key.
 *
 * @throws {UserError} when the directory is in use or damaged.
 */
export async function openStore(
  backend: 'sqlite' | 'memory',
  { store: directory, secretsKey }: DataDirectory,
  rotate: boolean,
): Promise<Storage> {
  if (backend === 'memory') return openMemoryStorage({ clock: systemClock });
  const keys = secretsKeys(secretsKey, rotate);
  try {
    const seal = new AesGcmSeal(SECRETS, keys, secretsKey);
    const storage = await openSqliteStorage({ directory, seal, clock: systemClock });
    // An open store has written everything anew that an older key had encrypted.
    dropOldKeys(secretsKey, keys);
    return storage;
  } catch (error) {
    if (error instanceof StorageError) throw new UserError(error.message, { cause: error });
    throw error;
  }
}
