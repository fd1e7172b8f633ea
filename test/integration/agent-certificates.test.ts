/** An agent's certificates over their whole lives, which last seconds: renewed, ended, asked for anew. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../src/apimachinery/clock.ts';
import { requireNetworks, TestNetwork } from '../harness/machines.ts';
import { poll } from '../harness/poll.ts';
import { requireKubectl, unmet } from '../harness/requirement.ts';
import { execute, LONGSHORE, startServer } from '../harness/server.ts';

/** How long a certificate lasts: long enough that a loaded machine renews it in the last tenth. */
const LIFE = '20s';
const POD = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'c', image: 'none', command: ['sh', '-c', 'echo begun; sleep 600'] }],
  },
});

const endOf = (file: string): number =>
  Date.parse(new X509Certificate(readFileSync(file, 'utf8').replace(/^.*(?=-----BEGIN CERT)/s, '')).validTo);

test('an agent renews its certificates under its pods, starts again with them, and says what to do when they have ended', async (t) => {
  const [library] = globSync('/usr/lib/*/faketime/libfaketime.so.1');
  if (library === undefined) {
    unmet(t, 'libfaketime is not installed: apt-get install libfaketime');
    return;
  }
  if (!requireKubectl(t) || !requireNetworks(t)) return;
  await using network = new TestNetwork();
  await using server = await startServer(
    ['--bind', network.address, '--runtime', 'none'].concat('--cluster-signing-duration', LIFE),
  );
  const token = async (): Promise<readonly string[]> => {
    const create = [LONGSHORE, 'token', 'create', '--data-dir', server.dataDirectory];
    return (await execute(process.execPath, create)).stdout.trim().split(' ').slice(1);
  };
  const kubectl = async (args: readonly string[], input?: string): Promise<string> => {
    const { code, stdout, stderr } = await server.kubectl(args, input);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const machine = network.machine();
  const directory = join(server.dataDirectory, 'agent');
  const words = ['agent', '--server', server.url, '--runtime', 'process', '--data-dir', directory];
  const named = [...words, '--node-name', 'n'];
  const agent = await machine.longshore([...(await token()), ...named.slice(3)]);
  await kubectl(['create', '-f', '-'], POD);
  await kubectl(['wait', 'pod/p', '--for=condition=Ready', '--timeout=40s']);
  const status = ['get', 'pod', 'p', '-o', 'jsonpath={.status.containerStatuses[0]}'];
  const before = await kubectl(status);

  const files = ['client', 'serving'].map((name) => join(directory, 'pki', `kubelet-${name}.pem`));
  const first = files.map(endOf);
  const [client = ''] = files;
  const old = join(server.dataDirectory, 'old.pem');
  writeFileSync(old, readFileSync(client), { mode: 0o600 });
  await poll('the first certificates end, and others are there', () => {
    const now = systemClock.now();
    return first.every((end) => end < now) && files.every((file) => endOf(file) > now);
  });
  assert.equal(await kubectl(['logs', 'p']), 'begun\n');
  assert.equal(await kubectl(['exec', 'p', '--', 'echo', 'within']), 'within\n');
  assert.match(await kubectl(['get', 'node', 'n']), /^n +Ready /m);
  const as = ['--server', server.url, '--insecure-skip-tls-verify', '--kubeconfig', '/dev/null'];
  const asOld = [...as, '--client-certificate', old, '--client-key', old, 'get', 'node', 'n'];
  assert.match((await server.kubectl(asOld)).stderr, /You must be logged in to the server/);

  const ended = new Promise((resolve) => agent.once('close', resolve));
  agent.kill('SIGKILL');
  await ended;
  const again = await machine.longshore(named);
  // What it started with may have ended before it has another: certificates live for seconds here.
  await poll('it answers by a certificate that holds', async () => {
    const { stdout } = await server.kubectl(['exec', 'p', '--', 'echo', 'again']);
    return stdout === 'again\n';
  });
  assert.equal(await kubectl(status), before, 'the pod has noticed nothing');

  const over = new Promise((resolve) => again.once('close', resolve));
  again.kill('SIGTERM');
  await over;
  const late = { LD_PRELOAD: library, FAKETIME: '+1h', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
  await assert.rejects(
    machine.longshore(named, late),
    /this machine's certificate ended at 20\S+Z: join again with a --token, which 'longshore token create' prints/,
  );
});
