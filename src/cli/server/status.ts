/** `longshore status`: whether a server runs, where, and what it is doing. */
import { resolve } from 'node:path';
import { systemClock } from '../../apimachinery/clock.ts';
import { isConditionTrue } from '../../apimachinery/meta/conditions.ts';
import type { Job } from '../../apis/batch/types.ts';
import type { Node, Pod } from '../../apis/core/types.ts';
import { CRONJOBS, JOBS, NODES, PODS } from '../../client/index.ts';
import { connect, defaultDataDirectory, runningServer } from '../../cluster/index.ts';
import { EXIT_NOT_RUNNING } from '../exit-code.ts';
import { wantsJson } from '../flags/output-format.ts';
import { elapsedText, endOf } from '../wording/job-state.ts';
import { type NodeFacts, nodeFacts, nodeText } from './node-facts.ts';

/** Nodes that are told of one by one; in JSON all are. */
const NODES_SHOWN_MAX = 20;

/** Prints the state of the server of that data directory; answers the exit code: 0 it runs, 3 it does not. */
export async function status(options: {
  readonly dataDir?: string;
  readonly output?: string;
}): Promise<number> {
  const json = wantsJson(options.output);
  const directory = resolve(options.dataDir ?? defaultDataDirectory());
  const record = runningServer(directory);
  if (record === undefined) {
    if (json) process.stdout.write(`${JSON.stringify({ running: false, directory })}\n`);
    else process.stdout.write(`no server runs on ${directory}\n`);
    return EXIT_NOT_RUNNING;
  }
  const connection = await connect(record.kubeconfig);
  try {
    const [nodes, jobs, cronJobs, pods] = await Promise.all([
      connection.client.list<Node>(NODES),
      connection.client.list<Job>(JOBS),
      connection.client.list(CRONJOBS),
      connection.client.list<Pod>(PODS),
    ]);
    const ready = nodes.items.filter((node) => isConditionTrue(node.status.conditions, 'Ready'));
    const facts = {
      running: true,
      url: record.url,
      pid: record.pid,
      directory,
      kubeconfig: record.kubeconfig,
      runtime: record.runtime,
      upSeconds: Math.round((systemClock.now() - Date.parse(record.startedAt)) / 1000),
      nodes: { total: nodes.items.length, ready: ready.length },
      nodeFacts: nodeFacts(nodes.items, pods.items),
      jobs: { total: jobs.items.length, active: jobs.items.filter((job) => endOf(job) === undefined).length },
      cronJobs: cronJobs.items.length,
      pods: {
        total: pods.items.length,
        running: pods.items.filter((pod) => pod.status.phase === 'Running').length,
      },
    };
    process.stdout.write(json ? `${JSON.stringify(facts, null, 2)}\n` : textOf(facts));
    return 0;
  } finally {
    connection.close();
  }
}

interface Facts {
  readonly url: string;
  readonly pid: number;
  readonly directory: string;
  readonly kubeconfig: string;
  readonly runtime: string;
  readonly upSeconds: number;
  readonly nodes: { readonly total: number; readonly ready: number };
  readonly nodeFacts: readonly NodeFacts[];
  readonly jobs: { readonly total: number; readonly active: number };
  readonly cronJobs: number;
  readonly pods: { readonly total: number; readonly running: number };
}

function textOf(facts: Facts): string {
  const rows: readonly (readonly [string, string])[] = [
    ['server', `${facts.url} (pid ${facts.pid}, up ${elapsedText(facts.upSeconds * 1000)})`],
    ['data', facts.directory],
    ['kubeconfig', facts.kubeconfig],
    ['runtime', facts.runtime],
    ['nodes', `${facts.nodes.ready} of ${facts.nodes.total} ready`],
    // Some screens full of nodes tell nobody anything.
    ...facts.nodeFacts
      .slice(0, NODES_SHOWN_MAX)
      .map((node): readonly [string, string] => [`  ${node.name}`, nodeText(node)]),
    ['jobs', `${facts.jobs.active} active of ${facts.jobs.total}`],
    ['cronjobs', String(facts.cronJobs)],
    ['pods', `${facts.pods.running} running of ${facts.pods.total}`],
  ];
  const width = Math.max(12, ...rows.map(([name]) => name.length + 2));
  return rows.map(([name, value]) => `${name.padEnd(width)}${value}\n`).join('');
}
