/** `longshore run`, as a user runs it: a process, manifests, exit codes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { requireProgram } from '../harness/requirement.ts';
import { execute, LONGSHORE, type Outcome } from '../harness/server.ts';

const directory = mkdtempSync(join(tmpdir(), 'longshore-test-run-'));

after(() => rmSync(directory, { recursive: true, force: true }));

/** Runs `longshore run` with its temporary files in a directory of this test's own. */
function run(args: readonly string[], input?: string): Promise<Outcome> {
  const env = { ...process.env, TMPDIR: directory };
  return execute(process.execPath, [LONGSHORE, 'run', '--runtime', 'process', ...args], {
    env,
    ...(input === undefined ? {} : { input }),
  });
}

function manifest(name: string, text: string): string {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
}

function job(name: string, script: string, spec = ''): string {
  return `
apiVersion: batch/v1
kind: Job
metadata:
  name: ${name}
spec:
  backoffLimit: 0
${spec}
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: main
        image: busybox
        command: ["sh", "-c", ${JSON.stringify(script)}]
`;
}

function leftovers(): readonly string[] {
  return readdirSync(directory).filter((name) => name.startsWith('longshore-run-'));
}

test('run computes pi, shows the log and the progress, and leaves nothing behind', async (t) => {
  if (!requireProgram(t, 'perl', 'install perl')) return;
  const pi = join(import.meta.dirname, '../../examples/pi.yaml');
  const { code, stdout, stderr } = await run([pi]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^\[pi-[a-z0-9]{5}\] 3\.14159265358979323846/m);
  assert.match(stdout, /^pi {2}Complete {2}1\/1 succeeded, 0 active, 0 failed, \d+s$/m);
  assert.deepEqual(leftovers(), []);
});

test('run exits 1 when a Job fails and says why: condition, exit code and last lines', async () => {
  const file = manifest('fails.yaml', job('broken', 'echo about to break; exit 3'));
  const { code, stderr } = await run([file]);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /Job broken failed: BackoffLimitExceeded: Job has reached the specified backoff limit/,
  );
  assert.match(stderr, /container main exited with code 3/);
  assert.match(stderr, /about to break/);
});

test('run takes several documents: a ConfigMap and a Secret reach the container', async () => {
  const file = manifest(
    'several.yaml',
    `apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {greeting: ahoy}
---
apiVersion: v1
kind: Secret
metadata: {name: hidden}
stringData: {word: sesame}
---
apiVersion: batch/v1
kind: Job
metadata: {name: reader}
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: main
        image: busybox
        command: [sh, -c, 'echo "$GREETING $WORD $(POD)"']
        env:
        - {name: GREETING, valueFrom: {configMapKeyRef: {name: settings, key: greeting}}}
        - {name: WORD, valueFrom: {secretKeyRef: {name: hidden, key: word}}}
`,
  );
  const { code, stdout, stderr } = await run([file]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /ahoy sesame/);
});

test('run prints the final Jobs with -o json and nothing else on stdout', async () => {
  const file = manifest('json.yaml', job('printed', 'echo text'));
  const { code, stdout } = await run(['-o', 'json', file]);
  assert.equal(code, 0);
  const final = JSON.parse(stdout);
  assert.equal(final.kind, 'Job');
  assert.equal(final.status.succeeded, 1);
});

test('run reads standard input', async () => {
  const { code, stdout } = await run(['-'], job('piped', 'echo from stdin'));
  assert.equal(code, 0);
  assert.match(stdout, /from stdin/);
});

test('run ends with 130 on Ctrl-C, and the processes of its pods are gone', async () => {
  const file = manifest('long.yaml', job('long', 'echo started; exec sleep 86397'));
  const child = spawn(process.execPath, [LONGSHORE, 'run', '--runtime', 'process', file], {
    env: { ...process.env, TMPDIR: directory },
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  await new Promise<void>((resolve) => {
    let seen = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      seen += text;
      if (seen.includes('started')) resolve();
    });
  });
  child.kill('SIGINT');
  assert.equal(await ended, 130);
  assert.deepEqual(processesWith('86397'), []);
  assert.deepEqual(leftovers(), []);
});

/** Pids of processes that have that argument. */
function processesWith(argument: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(argument);
    } catch {
      return false; // Gone while we looked.
    }
  });
}

test('run says in its progress why a Job cannot run when no node fits', async () => {
  const file = manifest(
    'unfit.yaml',
    job('unfit', 'true', '  activeDeadlineSeconds: 3').replace(
      'image: busybox',
      'image: busybox\n        resources: {requests: {cpu: "4000"}}',
    ),
  );
  const { code, stdout, stderr } = await run([file]);
  assert.equal(code, 1, stderr);
  assert.match(stdout, /0\/1 nodes are available: 1 Insufficient cpu/);
  assert.match(stderr, /DeadlineExceeded/);
});

const REFUSED: readonly { readonly name: string; readonly args: readonly string[]; readonly says: RegExp }[] =
  [
    { name: 'an unknown flag', args: ['--frobnicate', 'x.yaml'], says: /unknown option '--frobnicate'/ },
    { name: 'a missing file', args: [join(directory, 'none.yaml')], says: /none\.yaml: no such file/ },
    {
      name: 'broken YAML, with file, line and column',
      args: [manifest('broken.yaml', 'apiVersion: batch/v1\nkind: Job\nmetadata: {name: [}\n')],
      says: /broken\.yaml:3:\d+: not valid YAML/,
    },
    {
      name: 'a kind that is not served',
      args: [manifest('deployment.yaml', 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\n')],
      says: /deployment\.yaml:1: kind Deployment of apps\/v1 is not served here/,
    },
    {
      name: 'a Job that validation refuses',
      args: [manifest('invalid.yaml', job('bad', 'true', '  parallelism: -1'))],
      says: /spec\.parallelism: Invalid value: -1: must be greater than or equal to 0/,
    },
    {
      name: 'a field that does not exist',
      args: [manifest('unknown.yaml', job('bad', 'true', '  paralelism: 1'))],
      says: /unknown field "spec\.paralelism"/,
    },
    {
      name: 'a containerd socket that does not answer',
      args: ['--runtime', 'cri=/nonexistent.sock', manifest('fine.yaml', job('fine', 'true'))],
      says: /nonexistent\.sock/,
    },
    {
      name: 'an unknown runtime',
      args: ['--runtime', 'magic', manifest('fine2.yaml', job('fine', 'true'))],
      says: /unknown runtime 'magic'/,
    },
  ];

for (const { name, args, says } of REFUSED) {
  test(`run refuses ${name} in one line, with exit code 2`, async () => {
    const { code, stdout, stderr } = await run(args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, says);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
    assert.equal(stdout, '');
    assert.deepEqual(leftovers(), []);
  });
}

test('what a killed run left is removed by the next, pods and directory', async () => {
  const file = manifest('killed.yaml', job('killed', 'echo begun; sleep 1000'));
  const child = spawn(process.execPath, [LONGSHORE, 'run', '--runtime', 'process', file], {
    env: { ...process.env, TMPDIR: directory },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (text: Buffer) => /begun/.test(String(text)) && resolve());
  });
  child.kill('SIGKILL');
  await ended;
  const [left = ''] = leftovers();
  assert.notEqual(left, '');
  const { code, stderr } = await run([manifest('next.yaml', job('next', 'sleep 2'))]);
  assert.equal(code, 0, stderr);
  assert.deepEqual(leftovers(), []);
  const all = await execute('ps', ['-eo', 'args']);
  assert.ok(!all.stdout.includes(left), 'its pod has ended');
});
