/** exec, attach, cp, port-forward and logs of the real kubectl, on plain processes. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { requireProgram } from '../harness/requirement.ts';
import { execute, type Outcome, startServer, type TestServer } from '../harness/server.ts';

let server: TestServer;

before(async () => {
  server = await startServer(['--runtime', 'process']);
});

after(async () => {
  await server[Symbol.asyncDispose]();
});

const NEEDED = ['kubectl', 'install kubectl 1.32 or newer'] as const;

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
): Promise<void> {
  const containers = Object.entries(scripts).map(([container, script]) => ({
    name: container,
    image: 'busybox',
    command: ['sh', '-c', script],
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
    if (!requireProgram(t, ...NEEDED)) return;
    const name = `exec-${way.toLowerCase()}`;
    await runPod(name, { main: 'exec sleep 1000' });
    const plain = await kubectl(['exec', name, '--', 'sh', '-c', 'echo out; echo err >&2; exit 7'], '', env);
    assert.deepEqual([plain.code, plain.stdout], [7, 'out\n']);
    assert.match(plain.stderr, /^err\n/);
    assert.match(plain.stderr, /command terminated with exit code 7/);
    const piped = await kubectl(['exec', '-i', name, '--', 'sh', '-c', 'cat; echo over'], 'typed\n', env);
    assert.deepEqual([piped.code, piped.stdout, piped.stderr], [0, 'typed\nover\n', '']);
  });
}
