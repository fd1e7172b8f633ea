/** exec, attach, cp and port-forward of the JavaScript client. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { Attach, CoreV1Api, Cp, Exec, KubeConfig, PortForward, type V1Status } from '@kubernetes/client-node';
import { poll } from '../harness/poll.ts';
import { startServer, type TestServer } from '../harness/server.ts';

let server: TestServer;
const config = new KubeConfig();

before(async () => {
  server = await startServer(['--runtime', 'process']);
  config.loadFromFile(server.kubeconfig);
});

after(async () => {
  await server[Symbol.asyncDispose]();
});

async function runPod(name: string, script: string, more: object = {}): Promise<void> {
  const container = { name: 'main', image: 'busybox', command: ['sh', '-c', script], ...more };
  await config.makeApiClient(CoreV1Api).createNamespacedPod({
    namespace: 'default',
    body: { metadata: { name }, spec: { restartPolicy: 'Never', containers: [container] } },
  });
  const waited = await server.kubectl([
    'wait',
    '--for=jsonpath={.status.phase}=Running',
    `pod/${name}`,
    '--timeout=30s',
  ]);
  assert.equal(waited.code, 0, waited.stderr);
}

/** Runs a command and answers everything that came of it; input is ended where there is some. */
async function exec(pod: string, command: string[], input?: string) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const stdin = input === undefined ? null : new PassThrough();
  const outputs = [text(stdout), text(stderr)];
  const status = new Promise<V1Status>((resolve, reject) => {
    new Exec(config)
      .exec('default', pod, 'main', command, stdout, stderr, stdin, false, resolve)
      .catch(reject);
  });
  stdin?.end(input);
  const told = await status;
  stdout.end();
  stderr.end();
  const [out, err] = await Promise.all(outputs);
  return { out, err, told };
}

test('Exec runs a command and tells its exit code', async () => {
  await runPod('exec', 'exec sleep 1000');
  const fine = await exec('exec', ['sh', '-c', 'read word; echo "<$word>"; echo err >&2'], 'hello\n');
  assert.deepEqual([fine.out, fine.err, fine.told.status], ['<hello>\n', 'err\n', 'Success']);
  const failed = await exec('exec', ['sh', '-c', 'exit 7']);
  assert.equal(failed.told.status, 'Failure');
  assert.equal(failed.told.reason, 'NonZeroExitCode');
  assert.deepEqual(failed.told.details?.causes, [{ reason: 'ExitCode', message: '7' }]);
});

test('Exec gives a terminal, of the size of what the output goes to', async () => {
  await runPod('terminal', 'exec sleep 1000');
  const screen = Object.assign(new PassThrough(), { columns: 97, rows: 31 });
  const keys = new PassThrough();
  const said = text(screen);
  const wait = 'while [ "$(stty size)" != "31 97" ]; do sleep 0.05; done';
  const command = ['sh', '-c', `test -t 0 && test -t 1 && ${wait}; read word; echo "<$word>"; exit 5`];
  const told = await new Promise<V1Status>((resolve, reject) => {
    new Exec(config)
      .exec('default', 'terminal', 'main', command, screen, null, keys, true, resolve)
      .then(() => keys.write('hello\n'))
      .catch(reject);
  });
  screen.end();
  assert.match(await said, /<hello>/);
  assert.deepEqual(told.details?.causes, [{ reason: 'ExitCode', message: '5' }]);
});

test('Cp copies a directory into a pod and out of it', async (t) => {
  await runPod('copied', 'mkdir into; exec sleep 1000');
  const here = mkdtempSync(join(tmpdir(), 'longshore-cp-'));
  t.after(() => rmSync(here, { recursive: true }));
  mkdirSync(join(here, 'in', 'below'), { recursive: true });
  const bytes = Buffer.alloc(3_000_000, 'longshore\0');
  writeFileSync(join(here, 'in', 'below', 'bytes'), bytes);
  const cp = new Cp(config);
  // Neither says when it is done.
  await cp.cpToPod('default', 'copied', 'main', join(here, 'in'), 'into');
  const size = ['sh', '-c', 'wc -c <into/below/bytes'];
  await poll('it is in the pod', async () => (await exec('copied', size)).out?.trim() === `${bytes.length}`);
  await cp.cpFromPod('default', 'copied', 'main', 'below', join(here, 'out'), 'into');
  const out = join(here, 'out', 'below', 'bytes');
  await poll('it is here', () => existsSync(out) && readFileSync(out).equals(bytes));
});

test('Attach follows a container and types into it', async () => {
  await runPod('attach', 'read line; echo "<$line>"; echo over', { stdin: true });
  const stdout = new PassThrough();
  const stdin = new PassThrough();
  const said = text(stdout);
  const socket = await new Attach(config).attach('default', 'attach', 'main', stdout, null, stdin, false);
  stdin.write('one\n');
  await new Promise((resolve) => socket.on('close', resolve));
  stdout.end();
  assert.equal(await said, '<one>\nover\n');
});

test('PortForward carries a connection to a pod', async (t) => {
  await runPod('ports', 'exec sleep 1000');
  const listener = createServer((socket) => socket.end('hello from the pod'));
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  t.after(() => listener.close());
  const { port } = listener.address() as AddressInfo;
  const forward = new PortForward(config);
  const local = createServer((socket) => {
    // The client leaves it to its user to end what the output goes to.
    void forward.portForward('default', 'ports', [port], socket, null, socket).then((opened) => {
      if ('on' in opened) opened.on('close', () => socket.end());
    });
  });
  await new Promise<void>((resolve) => local.listen(0, '127.0.0.1', resolve));
  t.after(() => local.close());
  const client = connect((local.address() as AddressInfo).port, '127.0.0.1');
  assert.equal(await text(client), 'hello from the pod');
});
