/** `longshore up`, `down` and `status`, as a user runs them. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { requireKubectl } from '../harness/requirement.ts';
import { execute, LONGSHORE, startServer } from '../harness/server.ts';

const longshore = (...args: string[]) => execute(process.execPath, [LONGSHORE, ...args]);

function job(name: string, completions: number, script: string): string {
  return JSON.stringify({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: {
      completions,
      template: {
        spec: {
          restartPolicy: 'Never',
          containers: [{ name: 'c', image: 'i', command: ['sh', '-c', script] }],
        },
      },
    },
  });
}

test('up writes its kubeconfig 0600 in a directory 0700; status and down find it', async (t) => {
  if (!requireKubectl(t)) return;
  await using server = await startServer(['--runtime', 'fake', '--fake-nodes', '2']);
  assert.equal(statSync(server.kubeconfig).mode & 0o777, 0o600);
  assert.equal(statSync(server.dataDirectory).mode & 0o777, 0o700);
  const status = await longshore('status', '--data-dir', server.dataDirectory, '-o', 'json');
  assert.equal(status.code, 0, status.stderr);
  assert.deepEqual(JSON.parse(status.stdout).nodes, { total: 2, ready: 2 });
  const text = await longshore('status', '--data-dir', server.dataDirectory);
  assert.match(
    text.stdout,
    /^ {2}fake-1 +Ready, .*, 0 of 100k pods, cpu 0 of 10k, memory 0 of 100Ti requested$/m,
  );
  const down = await longshore('down', '--data-dir', server.dataDirectory);
  assert.equal(down.code, 0, down.stderr);
  assert.equal(await server.stop(), 0);
  assert.equal((await longshore('status', '--data-dir', server.dataDirectory)).code, 3);
});

test('up goes on where it was: a Job half done is finished after a restart', async (t) => {
  if (!requireKubectl(t)) return;
  const data = mkdtempSync(join(tmpdir(), 'longshore-test-'));
  try {
    const first = await startServer(['--runtime', 'process'], data);
    const created = await first.kubectl(['create', '-f', '-'], job('half', 6, 'sleep 0.3'));
    assert.equal(created.code, 0, created.stderr);
    await first.kubectl(['wait', '--for=jsonpath={.status.succeeded}=2', 'job/half', '--timeout=30s']);
    await first.stop();
    await using second = await startServer(['--runtime', 'process'], data);
    const waited = await second.kubectl(['wait', '--for=condition=complete', 'job/half', '--timeout=30s']);
    assert.equal(waited.code, 0, waited.stderr);
    const counts = await second.kubectl([
      'get',
      'job',
      'half',
      '-o',
      'jsonpath={.status.succeeded} {.status.failed}',
    ]);
    assert.equal(counts.stdout.trim(), '6');
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
});

test('up goes on after kill -9: pods that were running are counted once', async (t) => {
  if (!requireKubectl(t)) return;
  const data = mkdtempSync(join(tmpdir(), 'longshore-test-'));
  try {
    const first = await startServer(['--runtime', 'process'], data);
    await first.kubectl(['create', '-f', '-'], job('killed', 4, 'sleep 0.3'));
    await first.kubectl(['wait', '--for=jsonpath={.status.succeeded}=1', 'job/killed', '--timeout=30s']);
    await first.stop('SIGKILL');
    await using second = await startServer(['--runtime', 'process'], data);
    const waited = await second.kubectl(['wait', '--for=condition=complete', 'job/killed', '--timeout=30s']);
    assert.equal(waited.code, 0, waited.stderr);
    const counts = await second.kubectl([
      'get',
      'job',
      'killed',
      '-o',
      'jsonpath={.status.succeeded}/{.status.failed}',
    ]);
    assert.equal(counts.stdout, '4/');
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
});

test('up ends although somebody follows a log', async (t) => {
  if (!requireKubectl(t)) return;
  await using server = await startServer(['--runtime', 'process']);
  await server.kubectl(['create', '-f', '-'], job('followed', 1, 'echo begun; sleep 10'));
  await server.kubectl(['wait', '--for=jsonpath={.status.active}=1', 'job/followed', '--timeout=30s']);
  const at = ['--kubeconfig', server.kubeconfig];
  const follower = spawn('kubectl', [...at, 'logs', '-f', 'job/followed', '--pod-running-timeout=30s']);
  const ended = once(follower, 'close');
  const [first] = (await once(follower.stdout.setEncoding('utf8'), 'data')) as [string];
  assert.match(first, /^begun$/m);
  assert.equal(await server.stop(), 0);
  await ended;
});

test('up ends where it is at a second signal', async () => {
  await using server = await startServer(['--runtime', 'none']);
  server.process.kill('SIGTERM');
  assert.equal(await server.stop('SIGINT'), 1);
});

test('up refuses a port in use and a data directory in use, each in one line', async () => {
  await using server = await startServer(['--runtime', 'none']);
  const again = await longshore(
    'up',
    '--data-dir',
    server.dataDirectory,
    '--port',
    '0',
    '--no-merge-kubeconfig',
  );
  assert.equal(again.code, 2);
  assert.match(again.stderr, /^longshore: a server already runs on .*longshore down/);
  assert.equal(again.stderr.trim().split('\n').length, 1);

  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const address = holder.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const data = mkdtempSync(join(tmpdir(), 'longshore-test-'));
  try {
    const taken = await longshore(
      'up',
      '--data-dir',
      data,
      '--port',
      String(port),
      '--runtime',
      'none',
      '--no-merge-kubeconfig',
    );
    assert.equal(taken.code, 2);
    assert.match(taken.stderr, new RegExp(`port ${port} .*in use.*--port`));
    assert.equal(taken.stderr.trim().split('\n').length, 1);
  } finally {
    holder.close();
    rmSync(data, { recursive: true, force: true });
  }
});

test('up merges the context longshore into the user kubeconfig and keeps what is there', async (t) => {
  if (!requireKubectl(t)) return;
  const { spawn } = await import('node:child_process');
  const { writeFileSync, readFileSync } = await import('node:fs');
  const home = mkdtempSync(join(tmpdir(), 'longshore-test-'));
  try {
    const kubeconfig = join(home, 'config');
    writeFileSync(
      kubeconfig,
      '# mine\napiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers: []\ncurrent-context: ""\npreferences: {}\n',
    );
    const env = { ...process.env, KUBECONFIG: kubeconfig, HOME: home, XDG_DATA_HOME: join(home, 'data') };
    const child = spawn(process.execPath, [LONGSHORE, 'up', '--port', '0', '--runtime', 'none'], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    await new Promise<void>((resolve) =>
      child.stdout.setEncoding('utf8').on('data', (text: string) => text.includes('ready') && resolve()),
    );
    const context = await execute('kubectl', ['--context', 'longshore', 'get', 'namespaces', '-o', 'name'], {
      env,
    });
    assert.match(context.stdout, /namespace\/default/, context.stderr);
    assert.match(readFileSync(kubeconfig, 'utf8'), /^# mine/);
    child.kill('SIGTERM');
    await ended;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

test('up refuses a user kubeconfig that cannot be read, in one line', async () => {
  const { writeFileSync } = await import('node:fs');
  const home = mkdtempSync(join(tmpdir(), 'longshore-test-'));
  try {
    const kubeconfig = join(home, 'config');
    writeFileSync(kubeconfig, 'clusters: [\n');
    const env = { ...process.env, KUBECONFIG: kubeconfig, HOME: home };
    const args = [LONGSHORE, 'up', '--data-dir', join(home, 'data'), '--port', '0', '--runtime', 'none'];
    const refused = await execute(process.execPath, args, { env });
    assert.equal(refused.code, 2, refused.stderr);
    assert.match(refused.stderr, /config.*--no-merge-kubeconfig/);
    assert.equal(refused.stderr.trim().split('\n').length, 1, refused.stderr);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

test('help shows defaults as they would be written, and the exit codes', async () => {
  const verbs = [['up'], ['agent'], ['token', 'create']];
  const [up, agent, create] = await Promise.all(
    verbs.map(async (verb) => (await longshore(...verb, '--help')).stdout),
  );
  assert.match(up ?? '', /--node-monitor-grace-period <duration> +silence .*\(default: 40s\)/);
  assert.match(agent ?? '', /--extended-resource <list> +devices .*\(default: none\)/);
  assert.match(create ?? '', /--ttl <duration> +how long it can be used \(default: 24h\)/);
  const { code, stdout } = await longshore('--help');
  assert.equal(code, 0);
  assert.match(stdout, /^Exit codes:$[\s\S]*^ {2}3 +'status' found no server$/m);
  const wrong = await longshore('up', '--port', 'high');
  assert.deepEqual([wrong.code, wrong.stderr], [2, "longshore: 'high' is not a whole number\n"]);
});
