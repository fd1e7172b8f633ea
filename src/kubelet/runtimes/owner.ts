/**
 * Who runs what in a container runtime that several servers use: each sandbox and container bears its server's mark, so that
 * nobody takes another's for its own, and what a server left that is gone for ever can be told from what one only left for a
 * while.
 */
import { lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { viewOf } from '../../apimachinery/machine-view.ts';
import { identify, isAlive, type ProcessIdentity } from '../../apimachinery/process-identity.ts';
import type { Random } from '../../apimachinery/random.ts';
import { replaceFileSync } from '../../apimachinery/replace-file.ts';
import { systemCodeOf } from '../../apimachinery/thrown.ts';
import type { TextMap } from './text-map.ts';

/** Identity of the server's data. */
export const OWNER_LABEL = 'dev.longshore.owner';
/** Where the owner's data are, as the owner sees it. */
const OWNER_PLACE_LABEL = 'dev.longshore.owner-directory';
/** Whose files these are: a directory means nothing on another machine, or in another container's view of this one. */
export const OWNER_VIEW_LABEL = 'dev.longshore.owner-view';

/** Name of the file that says whose data a directory holds. */
const FILE = 'owner.json';

/** What that file says. */
interface OwnerRecord {
  readonly id: string;
  /** Present where pods are to end with this process (`longshore run`). */
  readonly process?: ProcessIdentity;
}

/** See the file's head. */
export interface Owner {
  /** The same for as long as the data live, wherever they are moved to. */
  readonly id: string;
  /** To be put on everything that is made. */
  readonly labels: TextMap;
}

/** How a directory is opened as an owner's. */
export interface OwnerOptions {
  /** Made when it is missing. */
  readonly directory: string;
  /** Whether pods are to end with this process, however it ends. */
  readonly endsWithProcess: boolean;
  readonly random: Random;
}

/** The owner whose data that directory holds; a new one where it holds nobody's yet. */
export function openOwner({ directory, endsWithProcess, random }: OwnerOptions): Owner {
  const place = resolve(directory);
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const record: OwnerRecord = {
    id: readRecord(place)?.id ?? random.uuid(),
    ...(endsWithProcess ? { process: identify(process.pid) } : {}),
  };
  replaceFileSync(join(place, FILE), `${JSON.stringify(record)}\n`, { mode: 0o600 });
  const labels = { [OWNER_LABEL]: record.id, [OWNER_PLACE_LABEL]: place, [OWNER_VIEW_LABEL]: viewOf('mnt') };
  return { id: record.id, labels };
}

/**
 * Whether nobody will ever come for what bears these labels: the owner's directory is gone or holds another's data, or its
 * pods were to end with a process that has ended. False for whatever cannot be judged from here: what no server marked, or
 * one that sees other files than this process does.
 */
export function isAbandoned(labels: TextMap): boolean {
  const { [OWNER_LABEL]: id, [OWNER_PLACE_LABEL]: place, [OWNER_VIEW_LABEL]: view } = labels;
  if (id === undefined || place === undefined || view !== viewOf('mnt')) return false;
  if (!isThere(place)) return true;
  const record = readRecord(place);
  // A directory that cannot be read says nothing.
  return record !== undefined && (record.id !== id || hasEnded(record));
}

/** Whether the pods of the owner whose data that directory holds were to end with a process that has ended. */
export function endedWithProcess(place: string): boolean {
  const record = readRecord(place);
  return record !== undefined && hasEnded(record);
}

/** Where that owner's data are, or were; empty where its labels do not say. */
export function placeOf({ labels }: Owner): string {
  return labels[OWNER_PLACE_LABEL] ?? '';
}

const hasEnded = (record: OwnerRecord): boolean => record.process !== undefined && !isAlive(record.process);

/** False only where the system says that there is no such file. */
function isThere(place: string): boolean {
  try {
    lstatSync(join(place, FILE));
    return true;
  } catch (error) {
    const code = systemCodeOf(error);
    return code !== 'ENOENT' && code !== 'ENOTDIR';
  }
}

function readRecord(place: string): OwnerRecord | undefined {
  try {
    return JSON.parse(readFileSync(join(place, FILE), 'utf8')) as OwnerRecord;
  } catch {
    return undefined; // Nobody's yet, or not to be read.
  }
}
