/** What becomes of pods that take more local storage than they may, on every kind of runtime. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Event, Pod } from '../../src/apis/core/types.ts';
import { kubectl } from '../harness/kubectl.ts';
import { eventually } from '../harness/poll.ts';
import { requireKubectl, unmet } from '../harness/requirement.ts';
import { startServer, type TestServer } from '../harness/server.ts';
import { sharedDockerWorld } from './docker-world.ts';
import { openPodWorld } from './pod-world.ts';

const MANIFESTS = join(import.meta.dirname, 'manifests');
const openDocker = sharedDockerWorld();

test('on a runtime with CRI, local storage is limited', async (context) => {
  await using world = await openPodWorld(context);
  if (world !== undefined) await isLimited(world.server, ['local-storage', 'local-storage-of-containers']);
});

test('on Docker, local storage is limited', async (context) => {
  const world = await openDocker(context);
  if (world !== undefined) await isLimited(world.server, ['local-storage', 'local-storage-of-containers']);
});

test('of plain processes, volumes and logs are limited', async (context) => {
  if (!requireKubectl(context)) return;
  if (process.getuid?.() !== 0) return void unmet(context, 'only root can make a volume in memory');
  await using server = await startServer(['--runtime', 'process']);
  await isLimited(server, ['local-storage']);
});

async function isLimited(server: TestServer, manifests: readonly string[]): Promise<void> {
  for (const name of manifests) {
    await kubectl(server, ['apply', '-f', '-'], readFileSync(join(MANIFESTS, `${name}.yaml`), 'utf8'));
  }
  await isEvicted(server, 'volume', 'Usage of EmptyDir volume "v" exceeds the limit "1Mi". ');
  await isEvicted(server, 'logs', 'Container talks exceeded its local ephemeral storage limit "1Mi". ');
  if (manifests.length > 1) {
    await isEvicted(server, 'writes', 'Container c exceeded its local ephemeral storage limit "1Mi". ');
    const limit = 'Pod ephemeral local storage usage exceeds the total limit of containers 3Mi. ';
    await isEvicted(server, 'together', limit);
  }
  const { status } = await ended(server, 'memory');
  assert.equal(status.phase, 'Succeeded', JSON.stringify(status));
  const said = await kubectl(server, ['logs', 'memory']);
  assert.match(said, /No space left on device/);
  for (const line of ['1', '1048576', 'done']) assert.ok(said.split('\n').includes(line), said);
}

async function isEvicted(server: TestServer, name: string, message: string): Promise<void> {
  const { status } = await ended(server, name);
  assert.deepEqual([status.phase, status.reason, status.message], ['Failed', 'Evicted', message]);
  assert.ok(!status.conditions?.some(({ type }) => type === 'DisruptionTarget'));
  const selector = `involvedObject.name=${name},reason=Evicted`;
  const text = await kubectl(server, ['get', 'events', '--field-selector', selector, '-o', 'json']);
  const { items } = JSON.parse(text) as { readonly items: readonly Event[] };
  assert.deepEqual([...new Set(items.map((each) => each.message))], [message]);
}

function ended(server: TestServer, name: string): Promise<Pod> {
  let told: unknown;
  return eventually(
    async () => {
      const pod = JSON.parse(await kubectl(server, ['get', 'pod', name, '-o', 'json'])) as Pod;
      told = pod.status;
      return /Succeeded|Failed/.test(pod.status.phase ?? '') ? pod : undefined;
    },
    () => `pod ${name} stays at ${JSON.stringify(told)}`,
  );
}
