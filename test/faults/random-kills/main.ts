/**
 * Kills the server, the engine, shims and processes of containers at random moments while a mix of Jobs runs, and then looks
 * whether each Job is in the state that its spec promises and nothing is left over.
 *
 *     npm run kills -- containerd --seed 1 --rounds 5
 *
 * It ends with 1 at the first promise that is not kept, and leaves the seed in its last line.
 */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { seededRandom } from '../../../src/apimachinery/random.ts';
import type { Job, JobList } from '../../../src/apis/batch/types.ts';
import type { Pod, PodList } from '../../../src/apis/core/types.ts';
import { kubectl } from '../../harness/kubectl.ts';
import { mountsBelow } from '../../harness/owner-remains.ts';
import { eventually } from '../../harness/poll.ts';
import { startServer, type TestServer } from '../../harness/server.ts';
import { type Engine, type EngineName, startEngineFor } from './engines.ts';
import { checkApart, checkRuns } from './ground-truth.ts';
import { endless, everyMinute, type Promised, promisedJobs } from './jobs.ts';

/** How often something is killed in a round. */
const KILLS = 10;
/** Longest pause in milliseconds between two kills. */
const PAUSE_MS_MAX = 3_000;
/** How often two minutes are waited for the Jobs to end. */
const WAITS_MAX = 5;
/** Longest time in milliseconds that a killed server is away. */
const AWAY_MS_MAX = 2_000;

const LOGS = mkdtempSync(join(tmpdir(), 'longshore-kills-logs-'));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '1' },
    arg: { type: 'string', multiple: true, default: [] },
  },
});

interface World {
  readonly engine: Engine;
  readonly args: readonly string[];
  readonly data: string;
  server: TestServer;
}

const say = (text: string): void =>
  void process.stdout.write(`${new Date().toISOString().slice(11, 23)} ${text}\n`);

async function launch(args: readonly string[], data: string): Promise<TestServer> {
  const server = await startServer(args, data);
  appendFileSync(join(LOGS, 'server.log'), `--- pid ${server.process.pid}\n`);
  server.process.stderr?.on('data', (text: string) => appendFileSync(join(LOGS, 'server.log'), text));
  return server;
}

async function restartServer(world: World, awayMs: number, meanwhile?: () => Promise<void>): Promise<void> {
  await world.server.stop('SIGKILL');
  await meanwhile?.();
  await pause(awayMs);
  world.server = await launch(world.args, world.data);
}

async function killSomething(world: World, chance: () => number): Promise<string> {
  const others = [...world.engine.kills.keys()];
  const engines = others.filter((name) => /engine|everything/.test(name));
  const all = ['server', 'server', ...others, ...engines.map((name) => `server and ${name}`)];
  const what = all[Math.floor(chance() * all.length)] ?? 'server';
  const name = what.replace('server and ', '');
  const act = world.engine.kills.get(name);
  say(`  kills ${what}`);
  if (what.startsWith('server')) {
    await restartServer(world, chance() * AWAY_MS_MAX, act === undefined ? undefined : () => act(chance));
  } else await act?.(chance);
  return what;
}

const read = async <Answer>(server: TestServer, args: readonly string[]): Promise<Answer> =>
  JSON.parse(await kubectl(server, [...args, '-o', 'json'])) as Answer;

function hasEnded({ status }: Job): boolean {
  return (status.conditions ?? []).some(
    ({ type, status: holds }) => holds === 'True' && (type === 'Complete' || type === 'Failed'),
  );
}

/** Pods that failed again and again are made anew after minutes: longer than a test waits. */
async function patiently<Answer>(wait: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    try {
      return await wait();
    } catch (error) {
      if (tries === WAITS_MAX) throw error;
    }
  }
}

/** Waits until every Job of the namespace has ended, then for its pods' finalizers to go. */
async function untilEnded(world: World, namespace: string): Promise<readonly Job[]> {
  let told = '';
  return eventually(
    async () => {
      const { items } = await read<JobList>(world.server, ['get', 'jobs', '-n', namespace]);
      const open = items.filter((job) => !hasEnded(job));
      told = JSON.stringify(open.map(({ metadata, status }) => [metadata.name, status]));
      return open.length === 0 && items.length > 0 ? items : undefined;
    },
    () => `not ended: ${told}`,
  );
}

async function checkPromises(
  { server }: World,
  namespace: string,
  jobs: readonly Job[],
  promised: ReadonlyMap<string, Promised>,
): Promise<readonly Pod[]> {
  const { items: pods } = await read<PodList>(server, ['get', 'pods', '-n', namespace]);
  const wrong: string[] = [];
  for (const job of jobs) {
    const { name, uid } = job.metadata;
    const own = pods.filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid));
    const check = promised.get(name)?.check;
    if (check === undefined) {
      assert.match(name, /^minute-\d+$/);
      assert.equal(job.status.succeeded, 1, `${name} has ${JSON.stringify(job.status)}`);
      continue;
    }
    try {
      check({ job, pods: own });
    } catch (error) {
      const states = own.map(({ metadata, status }) => [
        metadata.name,
        status.phase,
        status.reason,
        status.containerStatuses?.map(({ state, restartCount }) => [state, restartCount]),
      ]);
      wrong.push(
        `${name}: ${String(error)}\n${JSON.stringify(job.status)}\n${JSON.stringify(states, null, 1)}`,
      );
    }
  }
  for (const name of promised.keys())
    assert.ok(
      jobs.some(({ metadata }) => metadata.name === name),
      `${name} is lost`,
    );
  assert.deepEqual(wrong, [], wrong.join('\n'));
  return pods;
}

/** Control groups of pods, mounts and directories that are left of a server's pods. */
function remainsOfPods(data: string): string[] {
  const { id = '' } = existsSync(join(data, 'kubelet/owner.json'))
    ? (JSON.parse(readFileSync(join(data, 'kubelet/owner.json'), 'utf8')) as { readonly id?: string })
    : {};
  const groups = readdirSync('/sys/fs/cgroup').flatMap((hierarchy) => {
    const top = join('/sys/fs/cgroup', hierarchy, 'longshore', id);
    if (id === '' || !existsSync(top)) return [];
    return readdirSync(top, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name.startsWith('pod'))
      .map((entry) => `group ${hierarchy} ${entry.name}`);
  });
  return [
    ...groups,
    // The node's disk in memory stays while its agent works.
    ...mountsBelow(data)
      .filter((place) => place !== join(data, 'kubelet/memory'))
      .map((place) => `mount ${place}`),
    ...['pod-files', 'memory'].flatMap((each) => {
      const place = join(data, 'kubelet', each);
      return existsSync(place) ? readdirSync(place).map((name) => `${each} ${name}`) : [];
    }),
  ];
}

async function nothingRemains(world: World, what: () => Promise<readonly string[]>): Promise<void> {
  let remains: readonly string[] = [];
  await eventually(
    async () => {
      remains = await what();
      return remains.length === 0 ? true : undefined;
    },
    () => `what is left:\n${remains.join('\n')}`,
  );
  assert.equal(world.server.process.exitCode, null, 'the server still runs');
}

async function playRound(world: World, seed: number): Promise<void> {
  const random = seededRandom(seed);
  const chance = (): number => random.fraction();
  const namespace = `round-${seed}`;
  const directory = join(world.engine.directory, namespace);
  mkdirSync(directory, { mode: 0o777 });
  writeFileSync(join(directory, 'ignored'), '');
  await kubectl(world.server, ['create', 'namespace', namespace]);
  const promised = promisedJobs(directory, chance);
  const manifests = [...promised.values()].map(({ manifest }) => manifest);
  const items = [...manifests, everyMinute(directory), endless(directory)];
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await kubectl(world.server, ['create', '-n', namespace, '-f', '-'], list);
  let killed = false;
  for (let kills = 0; kills < KILLS; kills++) {
    await pause(chance() * PAUSE_MS_MAX);
    const what = await killSomething(world, chance);
    killed ||= /engine|everything/.test(what);
    if (kills === KILLS / 2) {
      await kubectl(world.server, ['delete', 'job', 'endless', '-n', namespace, '--wait=false']);
    }
  }
  await kubectl(world.server, [
    'patch',
    'cronjob',
    'minute',
    '-n',
    namespace,
    '-p',
    '{"spec":{"suspend":true}}',
  ]);
  say('  waits for the Jobs');
  const jobs = await patiently(() => untilEnded(world, namespace));
  await eventually(
    async () => {
      const { items: pods } = await read<PodList>(world.server, ['get', 'pods', '-n', namespace]);
      return pods.every(({ metadata }) => (metadata.finalizers ?? []).length === 0) || undefined;
    },
    () => 'pods keep their finalizers',
  );
  const now = (await read<JobList>(world.server, ['get', 'jobs', '-n', namespace])).items;
  assert.equal(now.length, jobs.length);
  const pods = await checkPromises(world, namespace, now, promised);
  checkApart(directory);
  checkRuns(directory, pods);
  await nothingRemains(world, async () => [
    ...(await world.engine.remains(killed)),
    ...remainsOfPods(world.data),
  ]);
  await kubectl(world.server, ['delete', 'namespace', namespace, '--timeout=60s']);
  say(`  seed ${seed} is good: ${pods.length} pods, ${jobs.length} Jobs`);
}

/** Answers whether all was as promised. */
async function playInNewWorld(name: EngineName, seed: number): Promise<boolean> {
  const data = mkdtempSync(join(tmpdir(), 'longshore-kills-'));
  const engine = await startEngineFor(name, data);
  const args = ['--runtime', engine.runtime, '--eviction-hard', '', ...values.arg];
  const world: World = { engine, args, data, server: await launch(args, data) };
  try {
    await playRound(world, seed);
    return true;
  } catch (error) {
    say(`FAILED: ${String(error instanceof Error ? error.stack : error)}`);
    for (const what of ['jobs', 'pods', 'events']) {
      const { stdout } = await world.server.kubectl(['get', what, '-A', '-o', 'yaml']);
      writeFileSync(join(LOGS, `${seed}-${what}.yaml`), stdout);
    }
    say(`  the server's log and its objects are in ${LOGS}; data in ${data}, engine in ${engine.directory}`);
    return false;
  } finally {
    await world.server.stop();
    await engine.stop();
    await world.server[Symbol.asyncDispose]();
  }
}

const [name = 'containerd'] = positionals as EngineName[];
const bad: number[] = [];
for (let seed = Number(values.seed); seed < Number(values.seed) + Number(values.rounds); seed++) {
  say(`${name}, seed ${seed}`);
  if (!(await playInNewWorld(name, seed))) bad.push(seed);
}
say(bad.length === 0 ? `all ${values.rounds} rounds are good` : `seeds ${bad.join(', ')} are bad`);
process.exitCode = bad.length === 0 ? 0 : 1;
