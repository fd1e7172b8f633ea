/** What kubectl does with a pod on another machine, while that machine is there, goes away and comes back. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { requireNetworks, TestNetwork } from '../harness/machines.ts';
import { poll } from '../harness/poll.ts';
import { requireKubectl, requireProgram } from '../harness/requirement.ts';
import { execute, LONGSHORE, startServer, type TestServer } from '../harness/server.ts';

/** Port of the pod's loopback on which it answers whoever sends it something. */
const PORT = 8_123;
const ANSWER = `require('node:net').createServer((one) => one.once('data', (data) => one.end('heard ' + data))).listen(${PORT}, '127.0.0.1', () => console.log('listening')); process.stdin.on('data', (data) => console.log('typed ' + data.toString().trim()))`;

const CLAIM = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'kept' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
};

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'far' },
  spec: {
    terminationGracePeriodSeconds: 1,
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'kept' } }],
    containers: [
      {
        name: 'c',
        image: 'none',
        stdin: true,
        command: ['sh', '-c', `echo held > /data/file; exec ${process.execPath} -e "$ANSWER"`],
        env: [{ name: 'ANSWER', value: ANSWER }],
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      },
    ],
  },
};

/** A kubectl that goes on until it ends or is killed, and what it has said so far. */
class Running {
  said = '';
  readonly ended: Promise<number | null>;
  readonly child: ChildProcess;

  constructor(server: TestServer, ...args: readonly string[]) {
    this.child = spawn('kubectl', ['--kubeconfig', server.kubeconfig, ...args], {
      env: { ...process.env, HOME: server.dataDirectory },
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.said += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.said += text));
    this.ended = new Promise((resolve) => this.child.once('close', resolve));
  }

  async says(what: RegExp): Promise<void> {
    await poll(`kubectl says ${what}`, () => what.test(this.said));
  }
}

async function ask(port: string, text: string): Promise<string> {
  const socket = connect({ port: Number(port), host: '127.0.0.1' });
  socket.write(text);
  return (await buffer(socket)).toString();
}

test('kubectl reaches into a pod on another machine, whose claim lies on its disk, and notices when the machine goes', async (t) => {
  if (!requireKubectl(t)) return;
  if (!requireProgram(t, 'script', 'apt-get install bsdutils') || !requireNetworks(t)) return;
  await using network = new TestNetwork();
  await using server = await startServer(['--bind', network.address, '--runtime', 'none']);
  const kubectl = async (args: readonly string[], input?: string): Promise<string> => {
    const { code, stdout, stderr } = await server.kubectl(args, input);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  assert.equal(await kubectl(['get', 'storageclass', '-o', 'name']), '', 'there is no disk yet');
  const longshore = (...words: readonly string[]) =>
    execute(process.execPath, [LONGSHORE, ...words, '--data-dir', server.dataDirectory]);
  const joinWords = async (): Promise<readonly string[]> =>
    (await longshore('token', 'create')).stdout.trim().split(' ').slice(1);
  const agentWords = (directory: string): readonly string[] => [
    '--node-name',
    'box',
    '--runtime',
    'process',
    '--data-dir',
    join(server.dataDirectory, directory),
  ];
  const machine = network.machine();
  const words = [...(await joinWords()), ...agentWords('agent')];
  const agent = await machine.longshore(words);

  // The claim: made on the machine where its pod goes.
  await poll('the class is there with the first disk', async () =>
    (await kubectl(['get', 'storageclass', '-o', 'name'])).includes('local-path'),
  );
  const list = { apiVersion: 'v1', kind: 'List', items: [CLAIM, POD] };
  await kubectl(['create', '-f', '-'], JSON.stringify(list));
  await kubectl(['wait', 'pod/far', '--for=condition=Ready', '--timeout=60s']);
  const volumes = join(server.dataDirectory, 'agent', 'volumes');
  const [volume = ''] = readdirSync(volumes);
  const written = join(volumes, volume, 'file');
  await poll('the pod has written to its volume', () => existsSync(written) && statSync(written).size > 0);
  assert.equal(readFileSync(written, 'utf8'), 'held\n');
  const place = 'jsonpath={.spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values[0]}';
  assert.equal(await kubectl(['get', 'pv', volume, '-o', place]), 'box');
  assert.equal(existsSync(join(server.dataDirectory, 'volumes')), false, 'the server has no part in it');

  // Streams of each kind.
  const inner = 'test -t 0 && read word; echo "<$word>"; exit 5';
  const line = `kubectl --kubeconfig ${server.kubeconfig} exec -it far -- sh -c '${inner}'`;
  const terminal = await execute('script', ['-qec', line, '/dev/null'], {
    input: 'hello\n',
    env: { ...process.env, HOME: server.dataDirectory },
  });
  assert.match(terminal.stdout, /<hello>/);
  assert.equal(terminal.code, 5, terminal.stdout);
  const file = join(server.dataDirectory, 'copied');
  writeFileSync(file, 'over there\n'.repeat(100_000));
  await kubectl(['cp', file, 'far:/data/copied']);
  assert.equal(readFileSync(join(volumes, volume, 'copied'), 'utf8'), readFileSync(file, 'utf8'));
  await kubectl(['cp', 'far:/data/copied', `${file}-back`]);
  assert.equal(readFileSync(`${file}-back`, 'utf8'), readFileSync(file, 'utf8'));
  const forward = new Running(server, 'port-forward', 'pod/far', `:${PORT}`);
  await forward.says(/Forwarding from 127\.0\.0\.1:\d+/);
  const [, port = ''] = /127\.0\.0\.1:(\d+)/.exec(forward.said) ?? [];
  assert.equal(await ask(port, 'one'), 'heard one');
  const follow = new Running(server, 'logs', '-f', 'far');
  await follow.says(/listening/);
  const attach = new Running(server, 'attach', '-i', 'far');
  attach.child.stdin?.write('through\n');
  await follow.says(/typed through/);

  // The agent is gone at once: who looked through it is told, and finds the same container when it is back.
  const command = new Running(server, 'exec', 'far', '--', 'sh', '-c', 'echo begun; exec sleep 1000');
  await command.says(/begun/);
  const id =
    'jsonpath={.status.containerStatuses[0].containerID} {.status.containerStatuses[0].restartCount}';
  const before = await kubectl(['get', 'pod', 'far', '-o', id]);
  const gone = new Promise((resolve) => agent.once('close', resolve));
  agent.kill('SIGKILL');
  await gone;
  assert.notEqual(await command.ended, 0, command.said);
  await follow.ended;
  await attach.ended;
  const refused = await server.kubectl(['exec', 'far', '--', 'true']);
  assert.match(refused.stderr, /error dialing backend: dial tcp 10\..*:10250: connect: connection refused/);
  await machine.longshore(words);
  assert.equal(await kubectl(['get', 'pod', 'far', '-o', id]), before);
  assert.equal(await kubectl(['exec', 'far', '--', 'cat', '/data/file']), 'held\n');
  assert.equal(await ask(port, 'two'), 'heard two', 'each connection of a forward is a new one');

  // The cable is cut: nobody says anything any more, and that is noticed too.
  const cut = new Running(server, 'exec', 'far', '--', 'sh', '-c', 'echo begun; exec sleep 1000');
  await cut.says(/begun/);
  machine.link('down');
  assert.notEqual(await cut.ended, 0, cut.said);
  machine.link('up');
  await poll('it is back', async () => (await server.kubectl(['exec', 'far', '--', 'true'])).code === 0);
  forward.child.kill();
  await forward.ended;

  // A machine of the same name, and tokens that do not hold.
  const second = network.machine();
  await assert.rejects(
    second.longshore([...(await joinWords()), ...agentWords('second')]),
    /node box is in the cluster, and ready; choose another name with --node-name/,
  );
  const expired = await joinWords();
  const token = expired[expired.indexOf('--token') + 1] ?? '';
  const secret = `bootstrap-token-${token.slice(0, 6)}`;
  const past = JSON.stringify({ stringData: { expiration: '2020-01-01T00:00:00Z' } });
  await kubectl(['patch', 'secret', '-n', 'kube-system', secret, '--type', 'merge', '-p', past]);
  const removed = await joinWords();
  await longshore('token', 'delete', removed[removed.indexOf('--token') + 1] ?? '');
  for (const each of [expired, removed]) {
    await assert.rejects(
      second.longshore([...each, ...agentWords('second')]),
      /the server does not take the token: Unauthorized; make one with 'longshore token create'/,
    );
  }

  // The node is drained; the claim goes, and what it held with it.
  assert.match(await kubectl(['drain', 'box', '--force', '--timeout=60s']), /node\/box drained/);
  assert.equal(await kubectl(['get', 'pods', '-o', 'name']), '');
  await kubectl(['delete', 'pvc', 'kept']);
  await poll('its directory is gone', () => !existsSync(join(volumes, volume)));
  await poll('the volume is gone', async () => (await kubectl(['get', 'pv', '-o', 'name'])) === '');
});
