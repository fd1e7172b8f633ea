/** Pods on a Docker Engine go on, or are told as ended, and are counted once, while the engine goes away and comes back. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Event, Pod, PodList } from '../../src/apis/core/types.ts';
import { kubectl } from '../harness/kubectl.ts';
import { eventually } from '../harness/poll.ts';
import { type DockerWorld, sharedDockerWorld } from './docker-world.ts';

/** Containers outlive an engine that is started so. */
const LIVE = ['--live-restore'];

const open = sharedDockerWorld(LIVE);

/** The two Jobs of `survivors.yaml`, each of which has begun once; their directory. */
async function begin(on: DockerWorld): Promise<string> {
  const directory = mkdtempSync(join(on.dockerd.directory, 'out-'));
  const manifest = readFileSync(join(import.meta.dirname, 'manifests/survivors.yaml'), 'utf8');
  // An engine ends what it does not restore as it ends any container: they need not wait for its patience.
  const filled = manifest
    .replaceAll(/[$]{DIRECTORY}/g, directory)
    .replaceAll('"echo', `"trap 'exit 3' TERM; echo`);
  await kubectl(on.server, ['create', '-f', '-'], filled);
  await begun(on, directory, 'once', 1);
  await begun(on, directory, 'again', 1);
  return directory;
}

/** How many runs of that Job have begun. */
function runs(directory: string, name: string): number {
  try {
    return readFileSync(join(directory, name), 'utf8').split('\n').length - 1;
  } catch {
    return 0; // None has begun.
  }
}

async function begun(on: DockerWorld, directory: string, name: string, count: number): Promise<void> {
  let seen: unknown;
  await eventually(
    async () => {
      seen = await told(on, name);
      return runs(directory, name) >= count ? true : undefined;
    },
    () => `${name} has begun ${runs(directory, name)} times: ${JSON.stringify(seen)}`,
  );
  assert.equal(runs(directory, name), count);
}

async function podsOf(on: DockerWorld, job: string): Promise<readonly Pod[]> {
  const text = await kubectl(on.server, ['get', 'pods', '-l', `job-name=${job}`, '-o', 'json']);
  return (JSON.parse(text) as PodList).items;
}

async function told(on: DockerWorld, job: string): Promise<object> {
  const pods = (await podsOf(on, job)).map(({ status }) => status);
  const text = await kubectl(on.server, ['get', 'events', '-o', 'json']);
  const { items } = JSON.parse(text) as { readonly items: readonly Event[] };
  return { pods, events: items.map(({ reason, message }) => `${reason}: ${message}`) };
}

async function complete(on: DockerWorld, job: string, failed: string): Promise<void> {
  const { code } = await on.server.kubectl([
    'wait',
    '--for=condition=Complete',
    `job/${job}`,
    '--timeout=60s',
  ]);
  assert.equal(code, 0, `${job} is not complete: ${JSON.stringify(await told(on, job))}`);
  const counts = await kubectl(on.server, [
    'get',
    'job',
    job,
    '-o',
    'jsonpath={.status.succeeded}/{.status.failed}',
  ]);
  assert.equal(counts, `1/${failed}`);
}

test('a pod goes on while an engine that restores it is away, and its end meanwhile is counted', async (context) => {
  const on = await open(context);
  if (on === undefined) return;
  const directory = await begin(on);
  await on.dockerd.restart('SIGTERM', () => writeFileSync(join(directory, 'go-once'), ''));
  await complete(on, 'once', '');
  assert.deepEqual([runs(directory, 'once'), runs(directory, 'again')], [1, 1]);
  await kubectl(on.server, ['delete', 'jobs', '--all', '--cascade=foreground']);
});

test('pods that end with their engine are told so: what may run again does, the rest has failed', async (context) => {
  const on = await open(context);
  if (on === undefined) return;
  const directory = await begin(on);
  await on.dockerd.restart('SIGKILL', undefined, []);
  await begun(on, directory, 'once', 2);
  writeFileSync(join(directory, 'go-once'), '');
  await complete(on, 'once', '1');
  const ends = (await podsOf(on, 'once')).map(({ status }) => {
    const { exitCode, reason } = status.containerStatuses?.[0]?.state?.terminated ?? {};
    return `${status.phase} ${exitCode} ${reason}`;
  });
  assert.deepEqual(ends.toSorted(), ['Failed 3 Error', 'Succeeded 0 Completed']);
  // The same pod, in a new sandbox, since the old one ended with the engine.
  await complete(on, 'again', '');
  await begun(on, directory, 'again', 2);
  assert.match(JSON.stringify(await told(on, 'again')), /SandboxChanged: Pod sandbox changed/);
  await kubectl(on.server, ['delete', 'jobs', '--all', '--cascade=foreground']);
});
