/** `longshore agent`: runs pods of a server elsewhere on this machine. */
import { join, resolve } from 'node:path';
import { systemClock } from '../../apimachinery/clock.ts';
import {
  defaultDataDirectory,
  fitHeapToWork,
  type NodeFlags,
  openDataDirectory,
  startAgent,
  UserError,
} from '../../cluster/index.ts';
import { endSignal } from '../end-signals.ts';

/** Options of the verb, as the command line gives them. */
export interface AgentVerbOptions extends NodeFlags {
  readonly server: string;
  readonly token?: string;
  readonly caCertHash?: string;
  readonly caFile?: string;
  readonly nodeName?: string;
  readonly runtime: string;
  readonly dataDir?: string;
  readonly port: number;
  readonly leaseDuration: number;
  readonly verbose?: boolean;
}

/** Runs until SIGINT or SIGTERM; answers the exit code. */
export async function agent(options: AgentVerbOptions): Promise<number> {
  const { server, dataDir, leaseDuration, verbose, ...rest } = options;
  if (!URL.canParse(server) || new URL(server).protocol !== 'https:') {
    throw new UserError(`--server ${server} is no address such as https://192.0.2.1:6443`);
  }
  const stopped = endSignal();
  const data = openDataDirectory(resolve(dataDir ?? join(defaultDataDirectory(), 'agent')));
  const starting = startAgent({
    ...rest,
    server,
    dataDirectory: data.root,
    leaseMs: leaseDuration,
    nodeFlags: options,
    logLevel: verbose === true ? 'debug' : 'warn',
  });
  // A signal while it waits for the server ends it as well.
  const running = await Promise.race([starting, stopped]);
  if (running === undefined) process.exit(0);
  for (const notice of running.notices) process.stderr.write(`${notice}\n`);
  process.stdout.write(`ready ${running.nodeName} on ${running.runtime}\n`);
  const fitting = fitHeapToWork(systemClock, 'agent');
  await stopped;
  fitting.cancel();
  await running.stop();
  return 0;
}
