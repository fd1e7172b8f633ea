/** Keeps a data directory for one node agent at a time: two would take each other's containers for their own. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, type ProcessRecord, recordOfThisProcess, runningServer } from './data-directory.ts';
import { UserError } from './user-error.ts';

const FILE = 'agent.json';

/**
 * Takes the directory, which has to be there, for this process; answers how to give it back.
 *
 * @throws {UserError} while another agent, or a server, that runs has it.
 */
export function takeAgentDirectory(root: string): () => void {
  const file = join(root, FILE);
  const agent = readRecord(file);
  const holder = agent !== undefined && isAlive(agent) ? agent : runningServer(root);
  if (holder !== undefined && holder.pid !== process.pid) {
    const who = holder === agent ? 'agent' : 'server';
    throw new UserError(
      `the data directory ${root} is in use by the ${who} with process id ${holder.pid}: stop that one, or choose another with --data-dir`,
    );
  }
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, `${JSON.stringify(recordOfThisProcess())}\n`, { mode: 0o600 });
  renameSync(partial, file);
  return () => {
    if (readRecord(file)?.pid === process.pid) rmSync(file, { force: true });
  };
}

function readRecord(file: string): ProcessRecord | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessRecord;
  } catch {
    return undefined; // Nobody has written one, or not to its end: then nobody runs by it.
  }
}
