/** Pods in real containers that find each other by name. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { test } from 'node:test';
import type { PodList } from '../../src/apis/core/types.ts';
import { parseResolvConf } from '../../src/kubelet/container/pod-network.ts';
import { requireProgram } from '../harness/requirement.ts';
import { makeResolvingImage } from './images.ts';
import { openPodWorld } from './pod-world.ts';

test('the pods of an Indexed Job reach each other by their names', async (context) => {
  await using world = await openPodWorld(context);
  if (world === undefined) return;
  const { engine } = world;
  const image = 'docker.io/library/resolving:1';
  await engine.importArchive(makeResolvingImage(engine.directory, [image]));
  await world.apply('talking-job');
  await world.kubectl(['wait', '--for=condition=Complete', 'job/talk', '--timeout=60s']);
  const pods = JSON.parse(
    await world.kubectl(['get', 'pods', '-l', 'job-name=talk', '-o', 'json']),
  ) as PodList;
  const names = pods.items.map(({ metadata }) => metadata.name);
  assert.equal(names.length, 3);
  for (const name of names) {
    const gateway = gatewayOf(pods.items[0]?.status.podIP ?? '');
    const { searches } = parseResolvConf(readFileSync('/etc/resolv.conf', 'utf8'));
    const own = ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local'];
    assert.deepEqual(await world.lines(name), [
      ...[0, 1, 2].flatMap((index) =>
        ['', '.default', '.default.svc', '.default.svc.cluster.local'].map(
          (rest) => `talk-${index}.talkers${rest}: I am ${index}`,
        ),
      ),
      '3',
      ...[0, 1, 2].map((index) => ` talk-${index}.talkers.default.svc.cluster.local`),
      'NXDOMAIN',
      `search ${[...own, ...searches].join(' ')}`,
      `nameserver ${gateway}`,
      'options ndots:5',
    ]);
  }
});

test('clients in a pod find the API server that listens on loopback alone, by variables and by name', async (context) => {
  if (!requireProgram(context, 'python3', 'apt-get install python3 python3-kubernetes')) return;
  await using world = await openPodWorld(context);
  if (world === undefined) return;
  const view = [
    'create',
    'clusterrolebinding',
    'all-look',
    '--clusterrole=view',
    '--group=system:serviceaccounts',
  ];
  await world.kubectl(view);
  await world.apply('in-cluster', { KUBECTL: realpathSync(whereIs('kubectl')) });
  const port = new URL(world.server.url).port;
  const told = ['namespace/default', 'kube-root-ca.crt'];
  const gateway = gatewayOf((await world.succeeded('by-name')).status.podIP ?? '');
  assert.deepEqual(await world.lines('by-name'), [
    `${gateway}:${port}`,
    ...told,
    `${gateway} kubernetes.default.svc`,
    'system:serviceaccount:default:default',
  ]);
  await world.succeeded('by-address');
  assert.deepEqual(await world.lines('by-address'), [`${gateway}:${port}`, ...told]);
  await world.succeeded('on-the-node');
  assert.deepEqual(await world.lines('on-the-node'), [`127.0.0.1:${port}`, ...told]);
});

function whereIs(program: string): string {
  return execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();
}

/** The bridge has the first address of the network. */
function gatewayOf(ip: string): string {
  return ip.replace(/\d+$/, '1');
}
