/** exec, attach, cp and port-forward of the real kubectl into real containers. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, type TestContext, test } from 'node:test';
import { poll } from '../harness/poll.ts';
import { requireKubectl } from '../harness/requirement.ts';
import { execute, startServer, type TestServer } from '../harness/server.ts';
import { requireCriEngine, startCriEngine } from './chosen-engine.ts';
import type { CriEngine } from './cri-engine.ts';
import { makeBusyboxImage } from './images.ts';

const BUSYBOX = 'docker.io/library/busybox:1.37';

let engine: CriEngine | undefined;
let server: TestServer | undefined;

function requirements(context: TestContext): boolean {
  return requireCriEngine(context) && requireKubectl(context);
}

async function open(context: TestContext): Promise<TestServer | undefined> {
  if (!requirements(context)) return undefined;
  if (server !== undefined) return server;
  engine = await startCriEngine();
  await engine.importArchive(makeBusyboxImage(engine.directory, [BUSYBOX]));
  server = await startServer(['--runtime', `cri=${engine.endpoint}`]);
  return server;
}

before(() => {
  server = undefined;
});

after(async () => {
  await server?.[Symbol.asyncDispose]();
  await engine?.stop();
});

async function runPod(on: TestServer, name: string, script: string, container: object = {}): Promise<void> {
  const main = { name: 'main', image: 'busybox:1.37', command: ['sh', '-c', script], ...container };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, containers: [main] },
  };
  const made = await on.kubectl(['create', '-f', '-'], JSON.stringify(pod));
  assert.equal(made.code, 0, made.stderr);
  const waited = await on.kubectl([
    'wait',
    '--for=jsonpath={.status.phase}=Running',
    `pod/${name}`,
    '--timeout=30s',
  ]);
  assert.equal(waited.code, 0, waited.stderr);
}

/** Runs a line of shell under a terminal, typing that. */
function inTerminal(on: TestServer, line: string, input: string) {
  return execute('script', ['-qec', line, '/dev/null'], {
    input,
    env: { ...process.env, HOME: on.dataDirectory, KUBECONFIG: on.kubeconfig },
  });
}

test('kubectl exec runs commands in a container, with a terminal and without', async (context) => {
  const on = await open(context);
  if (on === undefined) return;
  await runPod(on, 'exec', 'exec sleep 1000');
  const plain = await on.kubectl(
    ['exec', '-i', 'exec', '--', 'sh', '-c', 'cat; echo err >&2; exit 7'],
    'in\n',
  );
  assert.deepEqual([plain.code, plain.stdout], [7, 'in\n']);
  assert.match(plain.stderr, /^err\ncommand terminated with exit code 7\n/);
  const wait = 'while [ "$(stty size)" != "31 97" ]; do sleep 0.05; done';
  const inner = `test -t 0 && test -t 1 && ${wait}; read word; echo "<$word>"; exit 5`;
  const seen = await inTerminal(
    on,
    `stty rows 31 cols 97; kubectl exec -it exec -- sh -c '${inner}'`,
    'hello\n',
  );
  assert.match(seen.stdout, /<hello>/);
  assert.equal(seen.code, 5, seen.stdout);
  const unknown = await on.kubectl(['exec', 'exec', '--', 'no-such-program']);
  // CRI-O runs what is to be run by another program, which says so and ends with 255.
  assert.match(
    unknown.stderr,
    engine?.name === 'cri-o'
      ? /exec failed: .*no-such-program/s
      : /Internal error occurred: error executing command in container: .*no-such-program/s,
  );
});

test('kubectl attach joins a terminal of a container', async (context) => {
  const on = await open(context);
  if (on === undefined) return;
  await runPod(on, 'attach', 'while read line; do echo "<$line>"; [ "$line" = bye ] && exit 0; done', {
    stdin: true,
    tty: true,
  });
  const seen = await inTerminal(on, 'kubectl attach -it attach', 'one\nbye\n');
  assert.match(seen.stdout, /<one>[\s\S]*<bye>/);
  assert.equal(seen.code, 0, seen.stdout);
});

test('kubectl cp copies a directory into a container and out of it', async (context) => {
  const on = await open(context);
  if (on === undefined) return;
  await runPod(on, 'copy', 'exec sleep 1000');
  const here = join(on.dataDirectory, 'copy');
  mkdirSync(join(here, 'in'), { recursive: true });
  writeFileSync(join(here, 'in', 'text'), 'some words\n');
  writeFileSync(join(here, 'in', 'bytes'), Buffer.alloc(3_000_000, 'longshore\0'));
  const into = await on.kubectl(['cp', join(here, 'in'), 'copy:/tmp/there']);
  assert.equal(into.code, 0, into.stderr);
  const out = await on.kubectl(['cp', 'copy:/tmp/there', join(here, 'out')]);
  assert.equal(out.code, 0, out.stderr);
  assert.equal(readFileSync(join(here, 'out', 'text'), 'utf8'), 'some words\n');
  assert.ok(readFileSync(join(here, 'out', 'bytes')).equals(readFileSync(join(here, 'in', 'bytes'))));
});

/** A running `kubectl port-forward` to that port; `until` resolves once kubectl has said what matches. */
async function portForward(on: TestServer, pod: string, port: number) {
  const args = ['--kubeconfig', on.kubeconfig, 'port-forward', `pod/${pod}`, `:${port}`];
  const child = spawn('kubectl', args, { env: { ...process.env, HOME: on.dataDirectory } });
  const ended = new Promise((resolve) => child.once('close', resolve));
  let said = '';
  const until = (what: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = what.exec(said);
        if (match !== null) resolve(match);
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      child.once('close', () => reject(new Error(said)));
      look();
    });
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const [, local] = await until(/Forwarding from 127\.0\.0\.1:(\d+)/);
  return {
    port: Number(local),
    until,
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}

/** Sends a text, ends that direction, and answers what comes back until the other ends too. */
async function ask(port: number, text: string, end = true): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  if (end) socket.end(text);
  else socket.write(text);
  return (await buffer(socket)).toString();
}

test('kubectl port-forward reaches what listens within a pod, and closes each direction by itself', async (context) => {
  const on = await open(context);
  if (on === undefined) return;
  await runPod(
    on,
    'ports',
    'nc -ll -p 7070 -e sh -c "wc -c; echo over" & until grep -q ":1B9E " /proc/net/tcp*; do sleep 0.05; done; echo ready; wait',
  );
  await loggedReady(on, 'ports');
  await using forward = await portForward(on, 'ports', 7070);
  const sizes = [3, 100_000, 2_000_000];
  const answers = await Promise.all(sizes.map((size) => ask(forward.port, 'x'.repeat(size))));
  assert.deepEqual(
    answers,
    sizes.map((size) => `${size}\nover\n`),
  );
});

test('kubectl port-forward reaches what listens on a loopback address, and tells when nobody does', async (context) => {
  const on = await open(context);
  if (on === undefined) return;
  const script = 'echo page >/tmp/page; httpd -p 127.0.0.1:7071 -h /tmp; echo ready; exec sleep 1000';
  await runPod(on, 'loopback', script);
  await loggedReady(on, 'loopback');
  await using forward = await portForward(on, 'loopback', 7071);
  assert.match(await ask(forward.port, 'GET /page HTTP/1.0\r\n\r\n', false), /\r\n\r\npage\n$/);
  await using nobody = await portForward(on, 'loopback', 7072);
  const answer = ask(nobody.port, 'hello').catch(() => '');
  await nobody.until(/an error occurred forwarding \d+ -> 7072: .*connection refused/);
  assert.equal(await answer, '');
});

test('requests are handed on to pods and to the ready pods of a service', async (context) => {
  const on = await open(context);
  if (on === undefined) return;
  const script = 'echo page >/tmp/page; httpd -p 8080 -h /tmp; echo ready; exec sleep 1000';
  await runPod(on, 'web', script, { ports: [{ name: 'http', containerPort: 8080 }] });
  await on.kubectl(['label', 'pod', 'web', 'app=web']);
  await on.kubectl(['create', 'service', 'clusterip', 'web', '--tcp=80:8080']);
  await loggedReady(on, 'web');
  const raw = async (path: string) => {
    const { stdout, stderr } = await on.kubectl(['get', '--raw', `/api/v1/namespaces/default/${path}`]);
    return stdout || stderr;
  };
  assert.equal(await raw('pods/web/proxy/page'), 'page\n');
  assert.equal(await raw('pods/http:web:8080/proxy/page?x=y'), 'page\n');
  assert.match(await raw('pods/web:8081/proxy/page'), /error trying to reach service: .*connection refused/i);
  await poll('an endpoint', async () => (await raw('services/web:80/proxy/page')) === 'page\n');
  assert.equal(await raw('services/web:80-8080/proxy/page'), 'page\n');
  assert.match(await raw('services/web:81/proxy/'), /no service port 81 found for service "web"/);
  assert.match(await raw('services/none/proxy/'), /endpoints "none" not found/);
});

/** Waits until the pod says that it is ready. */
async function loggedReady(on: TestServer, pod: string): Promise<void> {
  while (!/^ready$/m.test((await on.kubectl(['logs', pod])).stdout)) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Pods in which something hangs that the server waits for. */
async function runHangingPods(on: TestServer): Promise<void> {
  const exec = { exec: { command: ['sleep', '1000'] } };
  const stuck = { lifecycle: { postStart: exec } };
  const hung = { image: 'busybox:1.37', command: ['sleep', '1000'] };
  const spec = { restartPolicy: 'Never', containers: [{ name: 'main', ...hung, ...stuck }] };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'first-hook' }, spec };
  assert.equal((await on.kubectl(['create', '-f', '-'], JSON.stringify(pod))).code, 0);
  await runPod(on, 'last-hook', 'exec sleep 1000', { lifecycle: { preStop: exec } });
  await runPod(on, 'probed', 'exec sleep 1000', { livenessProbe: { ...exec, timeoutSeconds: 1000 } });
  await on.kubectl(['delete', 'pod', 'last-hook', '--wait=false', '--grace-period=1000']);
  // The hook and the probe have begun.
  for (const reason of [
    'reason=Started,involvedObject.name=first-hook',
    'reason=Killing,involvedObject.name=last-hook',
  ]) {
    await poll(reason, async () => {
      const { stdout } = await on.kubectl(['get', 'events', '--field-selector', reason, '-o', 'name']);
      return stdout !== '';
    });
  }
}

test('a server ends when it is told to, whatever hangs in pods and whoever is connected', async (context) => {
  const on = await open(context);
  if (on === undefined) return;
  await runHangingPods(on);
  await runPod(on, 'held', 'while :; do echo on; sleep 0.1; done', { stdin: true });
  const verbs = ['exec -i held -- sh -c "echo in; cat"', 'attach -i held', 'logs -f held', 'get pods -w'];
  const clients = [...verbs, 'port-forward held :7070'].map((verb) => {
    const child = spawn('sh', ['-c', `exec kubectl ${verb}`], {
      env: { ...process.env, HOME: on.dataDirectory, KUBECONFIG: on.kubeconfig },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const begun = new Promise((resolve) => child.stdout.once('data', resolve));
    return { child, begun, over: new Promise((resolve) => child.once('close', resolve)) };
  });
  await Promise.all(clients.map(({ begun }) => begun));
  let code: number | null | undefined;
  void on.stop().then((told) => (code = told));
  await poll('the end of the server', () => code !== undefined);
  assert.equal(code, 0);
  for (const { child } of clients) child.kill('SIGKILL');
  await Promise.all(clients.map(({ over }) => over));
  // What ran goes on, and is taken up again.
  server = await startServer(['--runtime', `cri=${engine?.endpoint}`], on.dataDirectory);
  const again = await server.kubectl(['exec', 'held', '--', 'echo', 'still here']);
  assert.equal(again.stdout, 'still here\n', again.stderr);
});
