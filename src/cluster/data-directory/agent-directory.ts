/** Keeps a data directory for one node agent at a time: two would take each other's containers for their own. */
import { join } from 'node:path';
import { isAlive } from '../../apimachinery/process-identity.ts';
import { UserError } from '../user-error.ts';
import { readRecord, removeRecord, writeRecord } from './process-record.ts';
import { runningServer } from './server-record.ts';

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
  writeRecord(file);
  return () => removeRecord(file);
}
