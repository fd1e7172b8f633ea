/** The disk under a server's data directory is full: what is told, what still works, and that nothing is lost. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { poll } from '../harness/poll.ts';
import { requireKubectl, unmet } from '../harness/requirement.ts';
import { execute, LONGSHORE, startServer, type TestServer } from '../harness/server.ts';

/** A value that the API takes: twenty of them are more than the disk holds. */
const BIG = 'x'.repeat(900_000);
const FULL = /no room for the store in \S+: free disk space, and writes are accepted again/;

test('on a full disk a server says so, loses nothing, and goes on when there is room again', async (context) => {
  if (!requireKubectl(context)) return;
  if (process.getuid?.() !== 0) {
    unmet(context, 'only root can mount a small disk');
    return;
  }
  const small = mkdtempSync(join(tmpdir(), 'longshore-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', small]);
  try {
    const data = join(small, 'data');
    const filler = join(small, 'filler');
    await context.test('while it runs', () => fillUnder(data, filler));
    await context.test('while it starts', () => startOnFull(data, filler));
  } finally {
    execFileSync('umount', ['--lazy', small]);
    rmSync(small, { recursive: true, force: true });
  }
});

/** Takes what is left of the disk. */
function fill(filler: string): void {
  assert.throws(() => writeFileSync(filler, Buffer.alloc(32 << 20)), { code: 'ENOSPC' });
}

async function configMaps(server: TestServer): Promise<string[]> {
  const { stdout } = await server.kubectl(['get', 'configmaps', '-o', 'name']);
  return stdout.trim().split('\n').toSorted();
}

async function fillUnder(data: string, filler: string): Promise<void> {
  const server = await startServer(['--runtime', 'process'], data);
  try {
    const spec = ['--image=x', '--restart=Never', '--command', '--', 'sleep', '1000'];
    await server.kubectl(['run', 'lasting', ...spec]);
    await server.kubectl(['wait', '--for=condition=Ready', 'pod/lasting', '--timeout=60s']);
    fill(filler);
    const kept: string[] = [];
    for (let number = 0; number < 40; number++) {
      const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `big-${number}` }, data: { BIG } };
      const { code, stderr } = await server.kubectl(['create', '-f', '-'], JSON.stringify(map));
      if (code === 0) kept.push(`configmap/big-${number}`);
      else {
        assert.match(stderr, FULL);
        break;
      }
    }
    assert.ok(kept.length < 40, 'the disk is full at last');
    const there = ['configmap/kube-root-ca.crt', ...kept].toSorted();
    assert.deepEqual(await configMaps(server), there);
    // The log's file may have room in itself for a little: a server that is ready takes a little.
    const { code, stderr } = await server.kubectl(['get', '--raw', '/readyz']);
    if (code !== 0) assert.match(stderr, /\[-\]etcd failed/);
    else assert.equal((await server.kubectl(['create', 'configmap', 'little'])).code, 0);
    if (code === 0) there.push('configmap/little');
    rmSync(filler);
    await poll('writes are accepted again', async () => {
      const { code } = await server.kubectl(['create', 'configmap', 'later', '--from-literal=a=b']);
      return code === 0;
    });
    assert.deepEqual(await configMaps(server), [...there, 'configmap/later'].toSorted());
    assert.equal((await server.kubectl(['get', '--raw', '/readyz'])).stdout, 'ok');
    const phase = await server.kubectl(['get', 'pod', 'lasting', '-o', 'jsonpath={.status.phase}']);
    assert.equal(phase.stdout, 'Running');
  } finally {
    await server.stop();
  }
}

async function startOnFull(data: string, filler: string): Promise<void> {
  fill(filler);
  const { code, stderr } = await execute(process.execPath, [
    LONGSHORE,
    'up',
    '--data-dir',
    data,
    '--port',
    '0',
    '--no-merge-kubeconfig',
    '--runtime',
    'process',
  ]);
  assert.equal(code, 2, stderr);
  assert.match(stderr, /^longshore: .*no space left on device.*: free disk space, then try again$/m);
  rmSync(filler);
  await using server = await startServer(['--runtime', 'process'], data);
  assert.ok((await configMaps(server)).includes('configmap/later'));
  const phase = await server.kubectl(['get', 'pod', 'lasting', '-o', 'jsonpath={.status.phase}']);
  assert.equal(phase.stdout, 'Running');
}
