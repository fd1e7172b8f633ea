/**
 * The store in a SQLite file: the default. An answered write survives `kill -9` and, unless `synchronous` is weakened,
 * power loss. The file is an append-only log; a thread of its own writes it, so that neither SQLite nor the disk holds up
 * the server. The directory belongs to one server at a time.
 *
 * At the directory: `longshore.db` (and its `-wal` while a server runs), `lock`; all 0600 in 0700. A copy for safe-keeping
 * is taken while no server runs, or with `sqlite3 longshore.db .backup` once it has stopped.
 */
import type { Clock } from '../../apimachinery/clock.ts';
import { LoggedStorage } from '../logged-storage.ts';
import type { Seal } from '../seal.ts';
import type { HistoryLimits } from '../state.ts';
import type { Storage } from '../storage.ts';
import { type DatabaseOptions, openDatabase } from './database.ts';
import { lockDirectory } from './directory-lock.ts';
import { toStorageError } from './faults.ts';
import { type LoadedLog, load } from './load.ts';
import { reseal } from './reseal.ts';
import { migrate } from './schema.ts';
import { SqliteLog } from './sqlite-log.ts';

/** Where the store is and how it behaves. */
export interface SqliteStorageOptions extends DatabaseOptions {
  /** Made when it is missing, its parents too. */
  readonly directory: string;
  /** How much of the past to keep; the default serves everyone but tests of forgetting. */
  readonly history?: HistoryLimits;
  /** Keeps some objects unreadable in the file; what lies there otherwise is written anew. Absent: nothing is sealed. */
  readonly seal?: Seal;
  /** Times the commits for the store's figures; absent: they are not timed. */
  readonly clock?: Clock;
}

/**
 * Opens the store in a directory, making it when there is none. Fails with `unavailable`, saying what to do, when another
 * server has it, it is damaged, of a newer longshore, or cannot be read and written.
 */
export async function openSqliteStorage(options: SqliteStorageOptions): Promise<Storage> {
  const { directory, synchronous, fileBytesMax, history, clock } = options;
  try {
    const lock = lockDirectory(directory);
    let content: LoadedLog;
    try {
      content = read(options);
    } catch (error) {
      lock.release();
      throw error;
    }
    const log = new SqliteLog(directory, { synchronous, fileBytesMax }, lock, options.seal);
    log.open(content.revision, content.superseded);
    return new LoggedStorage(log, content, { postpone: setImmediate, history, clock });
  } catch (error) {
    throw toStorageError(error, directory);
  }
}

function read(options: SqliteStorageOptions): LoadedLog {
  const database = openDatabase(options.directory, options);
  try {
    migrate(database, options.directory);
    const content = load(database, options.directory, options.seal);
    if (options.seal !== undefined && content.stale.length > 0) {
      reseal(database, options.seal, content.stale);
    }
    return content;
  } finally {
    database.close();
  }
}
