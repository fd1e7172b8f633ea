/**
 * How others find the server that runs on a data directory: `server.json` beside the store names the process and its
 * address. Who may open the directory, the store's own lock decides.
 */
import { join, resolve } from 'node:path';
import { isAlive, type ProcessIdentity } from '../../apimachinery/process-identity.ts';
import { readRecord, removeRecord, writeRecord } from './process-record.ts';

/** What a running server says of itself. */
export interface ServerRecord extends ProcessIdentity {
  readonly url: string;
  /** The same for other machines. */
  readonly joinUrl?: string;
  readonly kubeconfig: string;
  readonly runtime: string;
  /** RFC 3339. */
  readonly startedAt: string;
}

const recordPath = (root: string): string => join(root, 'server.json');

/** Tells that this process is the server of that directory. */
export function writeServerRecord(root: string, record: Omit<ServerRecord, keyof ProcessIdentity>): void {
  writeRecord(recordPath(root), record);
}

/** Takes back what this process told; what another one told stays. */
export function removeServerRecord(root: string): void {
  removeRecord(recordPath(root));
}

/** The record of the server that runs on that directory now; undefined when none does. */
export function runningServer(root: string): ServerRecord | undefined {
  const record = readRecord<ServerRecord>(recordPath(resolve(root)));
  return record !== undefined && isAlive(record) ? record : undefined;
}
