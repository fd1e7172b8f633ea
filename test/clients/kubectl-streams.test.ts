/** exec, attach, cp, port-forward and logs of the real kubectl, on plain processes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { poll } from '../harness/poll.ts';
import { requireKubectl, requireProgram } from '../harness/requirement.ts';
import { execute, type Outcome, startServer, type TestServer } from '../harness/server.ts';

let server: TestServer;

before(async () => {
  server = await startServer(['--runtime', 'process']);
});

after(async () => {
  await server[Symbol.asyncDispose]();
});

/** kubectl's two ways to the server: WebSocket (its default), and SPDY, to which it falls back. */
const WAYS = [
  { way: 'WebSocket', env: {} },
  {
    way: 'SPDY',
    env: { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false', KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' },
  },
] as const;

function kubectl(args: readonly string[], input?: string, env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  return execute('kubectl', ['--kubeconfig', server.kubeconfig, ...args], {
    ...(input === undefined ? {} : { input }),
    env: { ...process.env, HOME: server.dataDirectory, ...env },
  });
}

/** Makes a pod of those containers and waits until it runs. */
async function runPod(
  name: string,
  scripts: Readonly<Record<string, string>>,
  metadata: object = {},
  more: object = {},
): Promise<void> {
  const containers = Object.entries(scripts).map(([container, script]) => ({
    name: container,
    image: 'busybox',
    command: ['sh', '-c', script],
    ...more,
  }));
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...metadata },
    spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, containers },
  };
  const made = await kubectl(['create', '-f', '-'], JSON.stringify(pod));
  assert.equal(made.code, 0, made.stderr);
  const waited = await kubectl([
    'wait',
    '--for=jsonpath={.status.phase}=Running',
    `pod/${name}`,
    '--timeout=30s',
  ]);
  assert.equal(waited.code, 0, waited.stderr);
}

for (const { way, env } of WAYS) {
  test(`kubectl exec runs a command and carries its streams and exit code (${way})`, async (t) => {
    if (!requireKubectl(t)) return;
    const name = `exec-${way.toLowerCase()}`;
    await runPod(name, { main: 'exec sleep 1000' });
    const plain = await kubectl(['exec', name, '--', 'sh', '-c', 'echo out; echo err >&2; exit 7'], '', env);
    assert.deepEqual([plain.code, plain.stdout], [7, 'out\n']);
    assert.match(plain.stderr, /^err\n/);
    assert.match(plain.stderr, /command terminated with exit code 7/);
    const piped = await kubectl(['exec', '-i', name, '--', 'sh', '-c', 'cat; echo over'], 'typed\n', env);
    assert.deepEqual([piped.code, piped.stdout, piped.stderr], [0, 'typed\nover\n', '']);
  });

  test(`kubectl exec -it gives a terminal of the size of one's own (${way})`, async (t) => {
    if (!requireKubectl(t) || !requireProgram(t, 'script', 'apt-get install bsdutils')) return;
    const name = `terminal-${way.toLowerCase()}`;
    await runPod(name, { main: 'exec sleep 1000' });
    const wait = 'while [ "$(stty size)" != "31 97" ]; do sleep 0.05; done';
    const inner = `test -t 0 && test -t 1 && ${wait}; read word; echo "<$word>"; exit 5`;
    const line = `stty rows 31 cols 97; kubectl --kubeconfig ${server.kubeconfig} exec -it ${name} -- sh -c '${inner}'`;
    const seen = await execute('script', ['-qec', line, '/dev/null'], {
      input: 'hello\n',
      env: { ...process.env, HOME: server.dataDirectory, ...env },
    });
    assert.match(seen.stdout, /<hello>/);
    assert.equal(seen.code, 5, seen.stdout);
  });

  test(`kubectl exec carries megabytes in both directions (${way})`, async (t) => {
    if (!requireKubectl(t)) return;
    const name = `bulk-${way.toLowerCase()}`;
    await runPod(name, { main: 'exec sleep 1000' });
    const sent = 'longshore carries it all\n'.repeat(200_000);
    const { code, stdout } = await kubectl(['exec', '-i', name, '--', 'cat'], sent, env);
    assert.equal(code, 0);
    assert.ok(stdout === sent, `${stdout.length} of ${sent.length} bytes came back`);
  });

  test(`kubectl attach follows a container to its end, and types into it (${way})`, async (t) => {
    if (!requireKubectl(t)) return;
    const name = `attach-${way.toLowerCase()}`;
    const script = 'while read line; do echo "<$line>"; done; echo over';
    await runPod(name, { main: script }, {}, { stdin: true, stdinOnce: true });
    const { code, stdout } = await kubectl(['attach', '-i', name], 'one\ntwo\n', env);
    assert.deepEqual([code, stdout], [0, '<one>\n<two>\nover\n']);
  });

  test(`kubectl cp copies a directory into a pod and out of it (${way})`, async (t) => {
    if (!requireKubectl(t) || !requireProgram(t, 'tar', 'apt-get install tar')) return;
    const name = `copy-${way.toLowerCase()}`;
    await runPod(name, { main: 'exec sleep 1000' });
    const here = join(server.dataDirectory, name);
    mkdirSync(join(here, 'in'), { recursive: true });
    writeFileSync(join(here, 'in', 'text'), 'some words\n');
    writeFileSync(join(here, 'in', 'bytes'), Buffer.alloc(3_000_000, 'longshore\0'));
    // A container of plain processes works in a directory that stands for its root.
    const into = await kubectl(['cp', join(here, 'in'), `${name}:there`], '', env);
    assert.equal(into.code, 0, into.stderr);
    const out = await kubectl(['cp', `${name}:there`, join(here, 'out')], '', env);
    assert.equal(out.code, 0, out.stderr);
    assert.equal(readFileSync(join(here, 'out', 'text'), 'utf8'), 'some words\n');
    assert.ok(readFileSync(join(here, 'out', 'bytes')).equals(readFileSync(join(here, 'in', 'bytes'))));
  });

  test(`kubectl port-forward carries connections, each closed at its own end (${way})`, async (t) => {
    if (!requireKubectl(t)) return;
    const name = `ports-${way.toLowerCase()}`;
    await runPod(name, { main: 'exec sleep 1000' });
    // A pod of plain processes has this machine's ports: this one answers only when it has heard everything.
    const listener = createServer({ allowHalfOpen: true }, (socket) => {
      const heard: Buffer[] = [];
      socket.on('data', (block: Buffer) => heard.push(block));
      socket.once('end', () => {
        const all = Buffer.concat(heard);
        socket.end(`heard ${all.length}: ${all.toString('latin1', 0, 10)}`);
      });
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    t.after(() => listener.close());
    const { port } = listener.address() as AddressInfo;
    await using forward = await portForward(name, port, env);
    const sizes = [0, 11, 100_000, 3_000_000];
    const answers = await Promise.all(sizes.map((size) => ask(forward.port, 'x'.repeat(size))));
    assert.deepEqual(
      answers,
      sizes.map((size) => `heard ${size}: ${'x'.repeat(Math.min(size, 10))}`),
    );
    listener.close();
    assert.equal(await ask(forward.port, 'nobody'), '');
    const told = await forward.said(/connection refused/);
    assert.doesNotMatch(told, /fallback to secondary dialer/, 'it did not get the transport that it wanted');
  });
}

test('kubectl run -i feeds a pod of its own and removes it', async (t) => {
  if (!requireKubectl(t)) return;
  const args = [
    'run',
    'fed',
    '--image=busybox',
    '-i',
    '--rm',
    '--quiet',
    '--restart=Never',
    '--command',
    '--',
  ];
  const { code, stdout } = await kubectl([...args, 'sh', '-c', 'cat; exit 4'], 'typed\n');
  assert.deepEqual([code, stdout], [4, 'typed\n']);
  assert.match((await kubectl(['get', 'pod', 'fed'])).stderr, /NotFound/);
});

test("kubectl attach -it joins a terminal of the size of one's own", async (t) => {
  if (!requireKubectl(t) || !requireProgram(t, 'script', 'apt-get install bsdutils')) return;
  const script = 'while [ "$(stty size)" != "31 97" ]; do sleep 0.05; done; read word; echo "<$word>"';
  await runPod('joined', { main: script }, {}, { stdin: true, tty: true });
  const line = `stty rows 31 cols 97; kubectl --kubeconfig ${server.kubeconfig} attach -it joined`;
  const seen = await execute('script', ['-qec', line, '/dev/null'], {
    input: 'hello\n',
    env: { ...process.env, HOME: server.dataDirectory },
  });
  assert.match(seen.stdout, /<hello>/);
  assert.equal(seen.code, 0, seen.stdout);
});

interface Forward {
  readonly port: number;
  /** What kubectl printed, once it matches. */
  said(what: RegExp): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
}

async function portForward(pod: string, port: number, env: NodeJS.ProcessEnv): Promise<Forward> {
  // From level 4 on kubectl tells when it falls back to another transport.
  const args = ['--kubeconfig', server.kubeconfig, '-v=4', 'port-forward', `pod/${pod}`, `:${port}`];
  const child = spawn('kubectl', args, { env: { ...process.env, HOME: server.dataDirectory, ...env } });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let text = '';
  let changed = (): void => {};
  const hear = (more: string): void => {
    text += more;
    changed();
  };
  child.stdout.setEncoding('utf8').on('data', hear);
  child.stderr.setEncoding('utf8').on('data', hear);
  const said = async (what: RegExp): Promise<string> => {
    while (!what.test(text)) {
      await Promise.race([
        new Promise<void>((resolve) => {
          changed = resolve;
        }),
        ended.then(() => {
          if (!what.test(text)) throw new Error(`kubectl port-forward ended: ${text}`);
        }),
      ]);
    }
    return text;
  };
  const [, local = ''] = /Forwarding from 127\.0\.0\.1:(\d+)/.exec(await said(/Forwarding from 127/)) ?? [];
  return {
    port: Number(local),
    said,
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}

/** Sends a text, ends that direction, and answers what came back until the other ended too. */
async function ask(port: number, text: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.end(text);
  try {
    return (await buffer(socket)).toString();
  } catch {
    return ''; // Reset: nobody listens at the other end.
  }
}

test('kubectl exec names the container that it chose, and is told of one that does not run', async (t) => {
  if (!requireKubectl(t)) return;
  await runPod('several', { first: 'exec sleep 1000', second: 'exec sleep 1000', ended: 'exit 0' });
  await kubectl([
    'wait',
    '--for=jsonpath={.status.containerStatuses[2].state.terminated.exitCode}=0',
    'pod/several',
  ]);
  const first = await kubectl(['exec', 'several', '--', 'echo', 'hi']);
  assert.match(first.stderr, /Defaulted container "first" out of: first, second, ended/);
  const ended = await kubectl(['exec', 'several', '-c', 'ended', '--', 'echo', 'hi']);
  assert.equal(ended.stderr, 'error: unable to upgrade connection: container not found ("ended")\n');
  const none = await kubectl(['exec', 'several', '-c', 'none', '--', 'echo', 'hi']);
  // kubectl looks by itself since 1.36.
  assert.match(
    none.stderr,
    /^(Error from server \(BadRequest\): container none is not valid for pod several|error: container none is not valid for pod several out of: first, second, ended)\n$/,
  );
  const pod = await kubectl(['exec', 'nobody', '--', 'echo', 'hi']);
  assert.equal(pod.stderr, 'Error from server (NotFound): pods "nobody" not found\n');
  const program = await kubectl(['exec', 'several', '-c', 'first', '--', 'no-such-program']);
  assert.match(
    program.stderr,
    /Internal error occurred: error executing command in container: .*no-such-program/,
  );
});

test('kubectl exec takes the container that an annotation names', async (t) => {
  if (!requireKubectl(t)) return;
  const annotations = { 'kubectl.kubernetes.io/default-container': 'second' };
  await runPod(
    'annotated',
    { first: 'exec sleep 1000', second: 'export WHO=me; exec sleep 1000' },
    { annotations },
  );
  const { code, stdout, stderr } = await kubectl(['exec', 'annotated', '--', 'echo', 'hi']);
  assert.deepEqual([code, stdout, stderr], [0, 'hi\n', '']);
});

test('a command ends when the client that runs it is killed', async (t) => {
  if (!requireKubectl(t)) return;
  await runPod('left', { main: 'exec sleep 1000' });
  const file = join(server.dataDirectory, 'left-begun');
  // It waits for its input with an argument by which it is known, whatever it calls itself.
  const script = `touch ${file}; exec cat - ${file}`;
  const args = ['--kubeconfig', server.kubeconfig, 'exec', '-i', 'left', '--', 'sh', '-c', script];
  const child = spawn('kubectl', args, { env: { ...process.env, HOME: server.dataDirectory } });
  const ended = new Promise((resolve) => child.once('close', resolve));
  await poll('the command runs', () => runs('cat', file));
  child.kill('SIGKILL');
  await ended;
  await poll('the command is gone', () => !runs('cat', file));
});

/** Whether a process of this machine is that program with that argument. */
function runs(program: string, argument: string): boolean {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      try {
        const [first, ...rest] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        return first === program && rest.includes(argument);
      } catch {
        return false; // It has ended meanwhile.
      }
    });
}
