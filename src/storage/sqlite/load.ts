import type { DatabaseSync } from 'node:sqlite';
import { parseExactJson } from '../../apimachinery/exact-json.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { LogContent } from '../commit-log.ts';
import { isSealed, type Seal } from '../seal.ts';
import { StorageError, type StoredObject } from '../storage.ts';
import { checksumOf } from './checksum.ts';
import { scalar } from './database.ts';
import { damaged } from './faults.ts';
import type { StaleRow } from './reseal.ts';

/** What the file holds, and which of its rows are of no more use. */
export interface LoadedLog extends LogContent {
  /** Revisions of rows that a later row replaces, and of rows that say a key is gone; ascending. */
  readonly superseded: readonly number[];
  /** Rows that the seal would write otherwise today. */
  readonly stale: readonly StaleRow[];
}

/** A state read back from disk: decoded when someone first looks, so that a start with many objects is quick. */
class LoadedObject implements StoredObject {
  readonly key: string;
  readonly revision: number;
  #json: string | undefined;
  #object: DeepReadonly<ApiObject> | undefined;

  constructor(key: string, revision: number, json: string) {
    this.key = key;
    this.revision = revision;
    this.#json = json;
  }

  get object(): DeepReadonly<ApiObject> {
    if (this.#json !== undefined) {
      this.#object = parseExactJson(this.#json) as ApiObject;
      this.#json = undefined;
    }
    return this.#object as DeepReadonly<ApiObject>;
  }
}

/**
 * Reads the whole log and checks it: its pages, and each row's checksum. Fails with `unavailable` when it is damaged, or
 * sealed with a secret that is not there.
 */
export function load(database: DatabaseSync, directory: string, seal?: Seal): LoadedLog {
  if (scalar(database, 'PRAGMA quick_check(1)') !== 'ok') {
    throw new StorageError('unavailable', damaged(directory));
  }
  const seen = new Set<string>();
  const stored: StoredObject[] = [];
  const superseded: number[] = [];
  const stale: StaleRow[] = [];
  let newest = 0;
  const rows = database.prepare('SELECT revision, key, value, checksum FROM log ORDER BY revision DESC');
  for (const { revision, key, value, checksum } of rows.iterate()) {
    if (typeof revision !== 'number' || typeof key !== 'string') {
      throw new StorageError('unavailable', damaged(directory));
    }
    const json = typeof value === 'string' ? value : undefined;
    if (checksumOf(key, json) !== checksum) {
      throw new StorageError('unavailable', `${damaged(directory)} (revision ${revision} of ${key})`);
    }
    newest = Math.max(newest, revision);
    const covered = json !== undefined && (isSealed(json) || seal?.covers(key) === true);
    if (covered && seal?.isStale(json) === true) stale.push({ revision, key, text: json });
    if (seen.has(key)) {
      superseded.push(revision);
      continue;
    }
    seen.add(key);
    if (json === undefined) superseded.push(revision);
    else stored.push(new LoadedObject(key, revision, covered ? plain(key, json, seal) : json));
  }
  return { revision: newest, stored, superseded: superseded.reverse(), stale };
}

function plain(key: string, text: string, seal: Seal | undefined): string {
  if (!isSealed(text)) return text;
  if (seal !== undefined) return seal.open(key, text);
  throw new StorageError('unavailable', `${key} is encrypted, and no key was given to open it`);
}
