/** exec, attach and port-forward of the JavaScript client. */
import assert from 'node:assert/strict';
import { type AddressInfo, connect, createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { Attach, CoreV1Api, Exec, KubeConfig, PortForward, type V1Status } from '@kubernetes/client-node';
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
