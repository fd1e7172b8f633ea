/** Volumes of real containers: what is in them, how they are mounted, how they change, and that nothing of them stays. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../harness/poll.ts';
import { openPodWorld, type PodWorld, statusOf, waitsFor } from './pod-world.ts';

test('volumes show what they should', async (context) => {
  await using world = await openPodWorld(context, ['--sync-frequency', '500ms']);
  if (world === undefined) return;
  using shared = shareMount(join(world.engine.directory, 'shared'));
  const { directory } = world.engine;
  const socket = join(directory, 'pod.sock');
  const server = createServer().listen(socket);
  context.after(() => server.close());
  for (const name of ['dir', 'local']) mkdirSync(join(directory, name));
  writeFileSync(join(directory, 'dir/here'), '');
  writeFileSync(join(directory, 'local/old'), '');
  await world.apply('volumes', { DIRECTORY: directory, SOCKET: socket, SHARED: shared.path });
  await context.test('configMap, secret, downwardAPI and projected volumes hold files', () => files(world));
  await context.test('parts of a volume are mounted, read-only or in memory', () => mounts(world));
  await context.test('who may write to a volume may write to its parts', () => parts(world));
  await context.test('a subPath never leads out of its volume', () => staysInside(world));
  await context.test('hostPath checks, or makes, what should be there', () => nodePaths(world));
  await context.test('what may be missing does not matter, and what may not is told', () => missing(world));
  await context.test('mounts are passed on as asked for', () => propagation(world, shared.path));
  await context.test('a bound claim is its volume', () => claims(world));
  await context.test('a claim of local-path keeps what pods leave in it', () => localPath(world));
  await context.test('files follow their ConfigMap all at once', () => changes(world));
  await context.test('a volume that cannot be made is tried less and less often', () => retries(world));
  await context.test('nothing stays of the volumes of pods that are gone', () => leavesNothing(world));
});

/** A mount whose inner mounts others can see, gone with its disposal. */
function shareMount(path: string) {
  mkdirSync(path);
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', path]);
  execFileSync('mount', ['--make-rshared', path]);
  return {
    path,
    [Symbol.dispose]: () => void execFileSync('umount', ['--recursive', '--lazy', path]),
  };
}

async function files(world: PodWorld): Promise<void> {
  await world.succeeded('files');
  const lines = await world.lines('files');
  const [version, ...others] = lines.filter((line) => /^\.\.\d/.test(line));
  assert.ok(version !== undefined && others.length === 0, 'one directory holds the current version');
  assert.deepEqual(
    lines.filter((line) => line !== version),
    [
      'first',
      '644',
      '400',
      '440',
      '.',
      '..',
      '..data',
      'deep',
      'second',
      '..',
      '..data/one',
      'app="files"',
      'app-b="2"',
      String(64 * 1024 * 1024),
      'key name one token ',
      '0',
      '3',
      '1',
      'ca.crt namespace token ',
      'default',
      '/all /down /hidden /var/run/secrets/kubernetes.io/serviceaccount ',
    ],
  );
}

async function mounts(world: PodWorld): Promise<void> {
  await world.succeeded('mounts');
  assert.deepEqual(await world.lines('mounts'), [
    'given',
    'file',
    'made',
    '1',
    '1777',
    '1024',
    '1',
    '1',
    'first',
  ]);
}

async function parts(world: PodWorld): Promise<void> {
  await world.succeeded('anybodys-parts');
  assert.deepEqual(await world.lines('anybodys-parts'), ['2777 2000', '2777 2000', 'wrote']);
}

async function staysInside(world: PodWorld): Promise<void> {
  const pod = await world.podWhen('escape', (each) => waitsFor(each, 'CreateContainerConfigError'));
  assert.match(
    statusOf(pod).state?.waiting?.message ?? '',
    /^failed to prepare subPath for volumeMount "v" of container "c"$/,
  );
}

async function nodePaths(world: PodWorld): Promise<void> {
  const { directory } = world.engine;
  await world.succeeded('node-paths');
  assert.deepEqual(await world.lines('node-paths'), ['here']);
  assert.equal(readFileSync(join(directory, 'made'), 'utf8'), 'wrote\n');
  assert.ok(existsSync(join(directory, 'dir/new')));
  const message = `hostPath type check failed: ${join(directory, 'dir')} is not a file`;
  const why = new RegExp(`^MountVolume.SetUp failed for volume "v" : ${message}$`);
  await world.event('no-file', 'FailedMount', why);
}

async function missing(world: PodWorld): Promise<void> {
  await world.succeeded('if-there');
  const shown = ['/picked:', 'there', '', '/projected:', 'below', '0', '444'];
  assert.deepEqual(await world.lines('if-there'), shown);
  const wrongs: readonly (readonly [string, string])[] = [
    ['no-disk', 'hostPath type check failed: /dev/null is not a block device'],
    ['no-item', 'configmap references non-existent config key: nothing'],
    ['no-secret', 'secret "nobody" not found'],
  ];
  for (const [name, why] of wrongs) {
    await world.event(name, 'FailedMount', new RegExp(`^MountVolume.SetUp failed for volume "v" : ${why}$`));
  }
}

async function propagation(world: PodWorld, shared: string): Promise<void> {
  await world.podWhen('propagation', (pod) => statusOf(pod).state?.running !== undefined);
  mkdirSync(join(shared, 'inner'));
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', join(shared, 'inner')]);
  writeFileSync(join(shared, 'inner/file'), '');
  const seen = async () => (existsSync(join(shared, 'mine/file')) ? true : undefined);
  await eventually(seen, () => "the container's own mount is not seen on the node");
  writeFileSync(join(shared, 'done'), '');
  await world.succeeded('propagation');
}

async function claims(world: PodWorld): Promise<void> {
  const { directory } = world.engine;
  const local = join(directory, 'local');
  await world.apply('claims', { DIRECTORY: directory });
  const uid = await world.kubectl(['get', 'pvc', 'data', '-o', 'jsonpath={.metadata.uid}']);
  const bound = JSON.stringify({ spec: { claimRef: { uid } } });
  await world.kubectl(['patch', 'pv', 'local', '--type=merge', '-p', bound]);
  const phase = JSON.stringify({ status: { phase: 'Bound' } });
  await world.kubectl(['patch', 'pvc', 'data', '--subresource=status', '--type=merge', '-p', phase]);
  await world.succeeded('claims');
  assert.deepEqual(await world.lines('claims'), ['2000', '1']);
  assert.equal(readFileSync(join(local, 'note'), 'utf8'), 'kept\n');
  assert.equal(statSync(local).gid, 2000);
  // With OnRootMismatch, what is below a directory that is the group's already is left as it is.
  chownSync(join(local, 'old'), 0, 0);
  await world.kubectl(['delete', 'pod', 'claims', '--timeout=30s']);
  await world.apply('claims', { DIRECTORY: directory });
  await world.succeeded('claims');
  assert.deepEqual(await world.lines('claims'), ['0', '1']);
}

async function localPath(world: PodWorld): Promise<void> {
  await world.apply('local-path');
  await world.succeeded('writer');
  await world.apply('local-path-reader');
  await world.succeeded('reader');
  assert.deepEqual(await world.lines('reader'), ['kept']);
  await world.succeeded('own-claim');
  assert.deepEqual(await world.lines('own-claim'), ['mine']);
  assert.equal(await world.kubectl(['get', 'pvc', 'kept', '-o', 'jsonpath={.status.phase}']), 'Bound');
}

async function changes(world: PodWorld): Promise<void> {
  await world.podWhen('watcher', (pod) => statusOf(pod).state?.running !== undefined);
  const data = { one: 'changed', two: null, three: 'new' };
  await world.kubectl(['patch', 'configmap', 'changing', '--type=merge', '-p', JSON.stringify({ data })]);
  await world.kubectl(['label', '--overwrite', 'pod', 'watcher', 'color=blue']);
  await world.succeeded('watcher');
  assert.deepEqual(await world.lines('watcher'), ['gone', 'before']);
}

async function retries(world: PodWorld): Promise<void> {
  const { count = 1, firstTimestamp, lastTimestamp } = await world.event('no-file', 'FailedMount');
  const waits = Array.from({ length: count - 1 }, (_, index) => Math.min(0.25 * 2 ** index, 5));
  const least = waits.reduce((sum, wait) => sum + wait, 0);
  const took = (Date.parse(lastTimestamp ?? '') - Date.parse(firstTimestamp ?? '')) / 1000;
  assert.ok(took + 1 >= least, `${count} tries in ${took} s`);
}

async function leavesNothing(world: PodWorld): Promise<void> {
  await world.kubectl(['delete', 'pods', '--all', '--timeout=60s']);
  const place = join(world.server.dataDirectory, 'kubelet/pod-files');
  assert.deepEqual(readdirSync(place), []);
  assert.deepEqual(readdirSync(join(world.server.dataDirectory, 'kubelet/memory')), []);
  const mounted = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  assert.deepEqual(
    mounted.filter((line) => line.includes(place)),
    [],
  );
}
