/** The protocols of exec, attach and port-forward as clients speak them, byte by byte, and who may use them. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { systemClock } from '../../src/apimachinery/clock.ts';
import { temporaryDirectory } from '../../src/apimachinery/testing/temporary-directory.ts';
import { type ClusterAccess, readAccess } from '../../src/client/index.ts';
import { poll } from '../harness/poll.ts';
import { startServer, type TestServer } from '../harness/server.ts';

let server: TestServer;
let access: ClusterAccess;
const POD = '/api/v1/namespaces/default/pods/p';

const podNamed = (name: string, command: readonly string[]) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'main', image: 'busybox', command }],
  },
});

before(async () => {
  server = await startServer(['--runtime', 'process']);
  access = await readAccess(server.kubeconfig, systemClock);
  const pod = podNamed('p', ['sleep', '1000']);
  const unbound = {
    ...pod,
    metadata: { name: 'unbound' },
    spec: { ...pod.spec, nodeSelector: { no: 'where' } },
  };
  for (const each of [pod, unbound]) {
    const made = await server.kubectl(['create', '-f', '-'], JSON.stringify(each));
    assert.equal(made.code, 0, made.stderr);
  }
  await server.kubectl(['wait', '--for=jsonpath={.status.phase}=Running', 'pod/p', '--timeout=30s']);
});

after(async () => {
  await server[Symbol.asyncDispose]();
});

const credentials = () => ({ ca: access.ca, cert: access.cert, key: access.key });

interface Messages {
  readonly socket: WebSocket;
  /** Everything that came, once the connection has ended, and the code that it ended with. */
  readonly all: Promise<{ readonly messages: readonly Buffer[]; readonly code: number }>;
  readonly send: (...bytes: readonly (number | string)[]) => void;
}

function open(path: string, protocols: readonly string[]): Promise<Messages> {
  const socket = new WebSocket(`${server.url.replace('https', 'wss')}${path}`, [...protocols], credentials());
  const messages: Buffer[] = [];
  socket.on('message', (message: Buffer) => messages.push(message));
  const all = new Promise<{ messages: readonly Buffer[]; code: number }>((resolve) =>
    socket.once('close', (code) => resolve({ messages, code })),
  );
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('open', () =>
      resolve({
        socket,
        all,
        send: (...bytes) =>
          socket.send(
            Buffer.concat(
              bytes.map((each) => (typeof each === 'number' ? Buffer.of(each) : Buffer.from(each))),
            ),
          ),
      }),
    );
  });
}

function exec(script: string, streams = 'stdin=1&stdout=1&stderr=1'): string {
  const command = ['sh', '-c', script].map((word) => `command=${encodeURIComponent(word)}`).join('&');
  return `${POD}/exec?container=main&${streams}&${command}`;
}

/** The bytes of one channel, put together. */
function channel(messages: readonly Buffer[], number: number): string {
  return Buffer.concat(
    messages.filter(([first]) => first === number).map((each) => each.subarray(1)),
  ).toString();
}

test('version 5 of the protocol ends standard input by a message of its own', async () => {
  const { all, send, socket } = await open(exec('cat; echo err >&2; exit 3'), [
    'v5.channel.k8s.io',
    'v4.channel.k8s.io',
  ]);
  assert.equal(socket.protocol, 'v5.channel.k8s.io');
  send(0, 'some ');
  send(0, 'words');
  send(255, 0);
  const { messages, code } = await all;
  assert.equal(code, 1000);
  assert.deepEqual(
    [...(messages[0] ?? [])],
    [1],
    'the first message is empty and says that the command is there',
  );
  assert.equal(channel(messages, 1), 'some words');
  assert.equal(channel(messages, 2), 'err\n');
  assert.deepEqual(JSON.parse(channel(messages, 3)), {
    metadata: {},
    status: 'Failure',
    message: 'command terminated with non-zero exit code: command terminated with exit code 3',
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: '3' }] },
  });
});

test('success is a Status too', async () => {
  const { all } = await open(exec('true', 'stdout=1'), ['v4.channel.k8s.io']);
  assert.deepEqual(JSON.parse(channel((await all).messages, 3)), { metadata: {}, status: 'Success' });
});

test('the protocol in base64 is text, and versions before 4 tell an error in words', async () => {
  const v4 = await open(exec('read word; echo "<$word>"'), ['v4.base64.channel.k8s.io']);
  v4.send(`0${Buffer.from('hello\n').toString('base64')}`);
  const said = (await v4.all).messages.map((each) => each.toString()).filter((each) => each.length > 1);
  assert.equal(Buffer.from(said[0]?.slice(1) ?? '', 'base64').toString(), '<hello>\n');
  assert.equal(said[0]?.[0], '1');
  const v1 = await open(exec('exit 2', 'stdout=1'), ['channel.k8s.io']);
  assert.match(channel((await v1.all).messages, 3), /^command terminated with non-zero exit code/);
});

test('a terminal takes sizes on channel 4 and has no stderr of its own', async () => {
  const script = 'while [ "$(stty size)" != "43 132" ]; do sleep 0.05; done; echo sized >&2';
  const { all, send } = await open(exec(script, 'stdin=1&stdout=1&stderr=1&tty=1'), ['v5.channel.k8s.io']);
  send(4, '{"Width":132,');
  send(4, '"Height":43}');
  const { messages } = await all;
  assert.equal(channel(messages, 1), 'sized\r\n');
  assert.equal(channel(messages, 2), '');
});

/** Whether a process of this machine sleeps for so long; one that only waits for its parent says nothing of itself. */
function isAsleep(seconds: string): boolean {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8') === `sleep\0${seconds}\0`;
      } catch {
        return false; // It has ended meanwhile.
      }
    });
}

for (const { what, more, bytes } of [
  { what: 'a terminal', more: '&tty=1', bytes: 0 },
  { what: 'input that nobody read', more: '', bytes: 30_000_000 },
]) {
  test(`a client that vanishes leaves no command with ${what} behind`, async () => {
    const seconds = `${more === '' ? 3 : 4}${String(1e8 + process.pid)}`;
    const path = exec(`exec sleep ${seconds}`, `stdin=1&stdout=1${more}`);
    const { socket, send } = await open(path, ['v5.channel.k8s.io']);
    await poll('the command runs', () => isAsleep(seconds));
    for (let sent = 0; sent < bytes; sent += 1_000_000) send(0, 'x'.repeat(1_000_000));
    socket.terminate();
    await poll('the command is gone', () => !isAsleep(seconds));
  });
}

test('a client that reads slowly holds up the command, and gets all of it', async () => {
  const { socket, all } = await open(exec('yes longshore | head -c 20000000', 'stdout=1'), [
    'v4.channel.k8s.io',
  ]);
  socket.pause();
  await new Promise((resolve) => setTimeout(resolve, 300));
  socket.resume();
  const { messages } = await all;
  const bytes = messages.filter(([first]) => first === 1).reduce((sum, each) => sum + each.length - 1, 0);
  assert.equal(bytes, 20_000_000);
});

test('ports over a WebSocket begin with their number, and tell when nobody listens', async (t) => {
  const listener = createServer((socket) =>
    socket.once('data', (heard) => socket.end(`heard ${heard.toString()}`)),
  );
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  t.after(() => listener.close());
  const { port } = listener.address() as AddressInfo;
  const { all, send } = await open(`${POD}/portforward?ports=${port}&ports=1`, ['v4.channel.k8s.io']);
  send(0, 'words');
  const { messages } = await all;
  const number = (value: number): string => {
    const bytes = Buffer.alloc(2);
    bytes.writeUInt16LE(value);
    return bytes.toString('latin1');
  };
  const latin1 = (which: number): string =>
    Buffer.concat(messages.filter(([first]) => first === which).map((each) => each.subarray(1))).toString(
      'latin1',
    );
  assert.equal(latin1(0), `${number(port)}heard words`);
  assert.equal(latin1(1), number(port));
  assert.equal(latin1(3).slice(0, 2), number(1));
  assert.match(latin1(3).slice(2), /^error forwarding port 1 to pod \S+, uid : .*connection refused$/);
});

test('a tunnel of SPDY in a WebSocket is agreed on, though its name is no token', async () => {
  const tunnel = await ask(`${POD}/portforward`, {
    ...UPGRADE,
    'sec-websocket-protocol': 'SPDY/3.1+portforward.k8s.io',
  });
  assert.deepEqual(tunnel, { code: 101, body: '', protocol: 'SPDY/3.1+portforward.k8s.io' });
});

interface Refusal {
  readonly code: number;
  readonly body: string;
  /** What an upgrade agreed on. */
  readonly protocol?: string | undefined;
}

/** Asks without a library; `token` instead of the administrator's certificate. */
function ask(
  path: string,
  headers: Readonly<Record<string, string>> = {},
  options: { readonly method?: string; readonly token?: string } = {},
): Promise<Refusal> {
  const { token, method = 'GET' } = options;
  const identity = token === undefined ? credentials() : { ca: access.ca };
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const asked = request(`${server.url}${path}`, {
      ...identity,
      method,
      headers: { ...headers, ...authorization },
    });
    asked.once('response', (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      answer.once('end', () => resolve({ code: answer.statusCode ?? 0, body }));
    });
    asked.once('upgrade', (answer, socket) => {
      socket.destroy();
      resolve({
        code: answer.statusCode ?? 0,
        body: '',
        protocol: answer.headers['sec-websocket-protocol'],
      });
    });
    asked.once('error', reject);
    asked.end();
  });
}

const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'bG9uZ3Nob3JlbG9uZ3Nobw==',
  'sec-websocket-protocol': 'v5.channel.k8s.io',
};

const messageOf = ({ body }: Refusal): unknown => (JSON.parse(body) as { message?: unknown }).message;

test('what cannot be streamed is refused in the words of Kubernetes, before any upgrade', async () => {
  const plain = await ask(exec('true'));
  assert.deepEqual([plain.code, messageOf(plain)], [400, 'Upgrade request required']);
  const post = await ask(exec('true'), {}, { method: 'POST' });
  assert.deepEqual([post.code, messageOf(post)], [400, 'Upgrade request required']);
  const nothing = await ask(`${POD}/exec?command=true`, UPGRADE);
  assert.deepEqual(
    [nothing.code, nothing.body],
    [400, 'you must specify at least 1 of stdin, stdout, stderr'],
  );
  const container = await ask(`${POD}/exec?container=other&stdout=1&command=true`, UPGRADE);
  assert.deepEqual([container.code, messageOf(container)], [400, 'container other is not valid for pod p']);
  const unbound = await ask(`${POD.replace(/p$/, 'unbound')}/exec?stdout=1&command=true`, UPGRADE);
  assert.deepEqual([unbound.code, messageOf(unbound)], [400, 'pod unbound does not have a host assigned']);
  const gone = await ask(`${POD.replace(/p$/, 'gone')}/portforward`, UPGRADE);
  assert.deepEqual([gone.code, messageOf(gone)], [404, 'pods "gone" not found']);
  const protocol = await ask(exec('true'), { ...UPGRADE, 'sec-websocket-protocol': 'chat' });
  assert.equal(protocol.code, 403);
  const ports = await ask(`${POD}/portforward`, {
    ...UPGRADE,
    'sec-websocket-protocol': 'v4.channel.k8s.io',
  });
  assert.deepEqual([ports.code, ports.body], [400, 'query parameter "port" is required']);
  const spdy = await ask(exec('true'), {
    connection: 'Upgrade',
    upgrade: 'SPDY/3.1',
    'x-stream-protocol-version': 'v9.channel.k8s.io',
  });
  assert.equal(spdy.code, 403);
  assert.match(
    spdy.body,
    /^unable to upgrade: unable to negotiate protocol: client supports \[v9.channel.k8s.io\]/,
  );
  const list = await ask('/api/v1/namespaces/default/pods', UPGRADE);
  assert.equal(list.code, 200, 'what cannot be upgraded is answered as if nobody had asked for it');
});

test('whoever may only get does not get in by GET', async () => {
  const rules = [
    ['role', 'getter', '--verb=get', '--resource=pods,pods/exec'],
    ['role', 'creator', '--verb=get,create', '--resource=pods,pods/exec'],
  ];
  for (const rule of rules) await server.kubectl(['create', ...rule]);
  const tokens = new Map<string, string>();
  for (const name of ['getter', 'creator', 'nobody']) {
    await server.kubectl(['create', 'serviceaccount', name]);
    await server.kubectl([
      'create',
      'rolebinding',
      name,
      `--role=${name}`,
      `--serviceaccount=default:${name}`,
    ]);
    tokens.set(name, (await server.kubectl(['create', 'token', name])).stdout.trim());
  }
  const path = exec('true', 'stdout=1');
  const as = (name: string) => ask(path, UPGRADE, { token: tokens.get(name) ?? '' });
  assert.equal((await as('creator')).code, 101);
  const getter = await as('getter');
  assert.deepEqual([getter.code, messageOf(getter)], [403, 'pods "p" is forbidden: ']);
  const nobody = await as('nobody');
  assert.equal(nobody.code, 403);
  assert.match(
    String(messageOf(nobody)),
    /cannot get resource "pods\/exec" in API group "" in the namespace "default"/,
  );
});

test('a server that stops ends its streams', async () => {
  await using other = await startServer(['--runtime', 'process']);
  const pod = { containers: [{ name: 'main', image: 'busybox', command: ['sleep', '1000'] }] };
  await other.kubectl(
    ['create', '-f', '-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: pod }),
  );
  await other.kubectl(['wait', '--for=jsonpath={.status.phase}=Running', 'pod/p', '--timeout=30s']);
  const { ca, cert, key } = await readAccess(other.kubeconfig, systemClock);
  const socket = new WebSocket(`${other.url.replace('https', 'wss')}${exec('cat')}`, ['v5.channel.k8s.io'], {
    ca,
    cert,
    key,
  });
  await new Promise((resolve) => socket.once('open', resolve));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => {});
  assert.equal(await other.stop(), 0);
  await closed;
});

test('logs go in the messages of a WebSocket, in base64 for who asks for it, followed to their end', async (context) => {
  const directory = temporaryDirectory(context);
  const go = join(directory, 'go');
  const talker = podNamed('talker', [
    'sh',
    '-c',
    `echo one; until [ -e ${go} ]; do sleep 0.1; done; echo two`,
  ]);
  const made = await server.kubectl(['create', '-f', '-'], JSON.stringify(talker));
  assert.equal(made.code, 0, made.stderr);
  const log = '/api/v1/namespaces/default/pods/talker/log';
  await server.kubectl(['wait', '--for=jsonpath={.status.phase}=Running', 'pod/talker', '--timeout=30s']);
  const followed = await open(`${log}?follow=true`, ['v5.channel.k8s.io', 'base64.binary.k8s.io']);
  assert.equal(followed.socket.protocol, 'base64.binary.k8s.io');
  writeFileSync(go, '');
  const { messages, code } = await followed.all;
  assert.equal(code, 1000);
  assert.equal(messages[0]?.length, 0, 'the first message is empty and says that the log is there');
  const text = messages.map((each) => Buffer.from(each.toString(), 'base64').toString()).join('');
  assert.equal(text, 'one\ntwo\n');
  const whole = await (await open(log, ['binary.k8s.io'])).all;
  assert.equal(Buffer.concat(whole.messages).toString(), text);
  assert.equal(whole.code, 1000);
  const absent = await open(log.replace('talker', 'nobody'), ['binary.k8s.io']).catch(
    (error: Error) => error,
  );
  assert.ok(absent instanceof Error && absent.message.includes('404'));
});
