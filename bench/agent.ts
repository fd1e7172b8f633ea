/** A node agent by itself, as a user has it installed: what it takes with fifty pods that do nothing. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod } from '../src/apis/core/types.ts';
import { type Client, PODS } from '../src/client/index.ts';
import { connect } from '../src/cluster/index.ts';
import { startContainerd } from '../test/containers/containerd.ts';
import { makeBusyboxImage } from '../test/containers/images.ts';
import { execute, LONGSHORE, startServer } from '../test/harness/server.ts';
import { installPackage } from './installed.ts';
import type { Figure } from './machine.ts';
import { processorSeconds, residentParts } from './process-figures.ts';

const IMAGE = 'docker.io/library/busybox:1';
const PODS_AT_REST = 50;
/** Seconds after the last pod's start, or the agent's, before it is looked at, and for how long. */
const SETTLE_SECONDS = 20;
const MEASURED_SECONDS = 60;

/** See the file's head. LONGSHORE_BENCH_SOURCES=1 measures the checkout's own sources instead. */
export async function agent(): Promise<readonly Figure[]> {
  await using containerd = await startContainerd();
  await containerd.importArchive(makeBusyboxImage(containerd.directory, [IMAGE]));
  await using server = await startServer(['--runtime', 'none']);
  using installed = installPackage();
  const command = process.env['LONGSHORE_BENCH_SOURCES'] === '1' ? LONGSHORE : installed.command;
  const token = ['token', 'create', '--data-dir', server.dataDirectory];
  const { stdout } = await execute(process.execPath, [LONGSHORE, ...token]);
  const words = [
    ...stdout.trim().split(' ').slice(1),
    '--node-name',
    'rest',
    '--runtime',
    `cri=${containerd.endpoint}`,
    '--data-dir',
    join(containerd.directory, 'agent'),
    '--port',
    '0',
  ];
  const connection = await connect(server.kubeconfig);
  let child = await startAgent(command, words);
  try {
    const bare = await nodeAlone();
    await fillNode(connection.client);
    const first = await atRest(child.pid ?? 0);
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGTERM');
    await ended;
    child = await startAgent(command, words);
    const later = await atRest(child.pid ?? 0);
    return [
      { name: 'Node alone, which waits for a timer', value: bare.all, unit: 'MB' },
      { name: '  of it pages of files', value: bare.files, unit: 'MB' },
      ...figuresOf('agent that started them', first),
      ...figuresOf('agent started again', later),
    ];
  } finally {
    child.kill('SIGTERM');
    connection.close();
  }
}

/** What one agent took. */
interface Rest extends ReturnType<typeof residentParts> {
  /** Percent of a core. */
  readonly share: number;
}

function figuresOf(which: string, { all, own, files, share }: Rest): readonly Figure[] {
  return [
    { name: `${which}, ${PODS_AT_REST} idle pods`, value: all, unit: 'MB', goal: { atMost: 60 } },
    { name: '  of it its own', value: own, unit: 'MB' },
    { name: '  of it pages of files', value: files, unit: 'MB' },
    { name: `  processor share over ${MEASURED_SECONDS} s`, value: share, unit: '%', goal: { atMost: 0.5 } },
  ];
}

async function atRest(pid: number): Promise<Rest> {
  await sleep(SETTLE_SECONDS * 1000);
  const before = processorSeconds(pid);
  await sleep(MEASURED_SECONDS * 1000);
  const share = ((processorSeconds(pid) - before) / MEASURED_SECONDS) * 100;
  return { ...residentParts(pid), share };
}

/** The floor: a Node that does nothing. */
async function nodeAlone(): Promise<ReturnType<typeof residentParts>> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
  await sleep(2_000);
  const parts = residentParts(child.pid ?? 0);
  child.kill();
  return parts;
}

async function fillNode(client: Client): Promise<void> {
  const container = { name: 'c', image: IMAGE, command: ['sleep', '100000'] };
  for (let number = 0; number < PODS_AT_REST; number++) {
    await client.create<Pod>(PODS, 'default', {
      metadata: { name: `rest-${number}` },
      spec: { terminationGracePeriodSeconds: 0, containers: [container] },
    });
  }
  for (;;) {
    const { items } = await client.list<Pod>(PODS, { namespace: 'default' });
    if (items.every(({ status }) => status.phase === 'Running')) return;
    await sleep(500);
  }
}

function startAgent(command: string, words: readonly string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [command, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('ready ')) resolve(child);
    });
    child.once('close', (code) => reject(new Error(`the agent ended with ${code}`)));
  });
}
