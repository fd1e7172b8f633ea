/** A server that sees other mounts than its engine, as from a container beside it, and what its pods then have in memory. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { kubectl } from '../harness/kubectl.ts';
import { eventually } from '../harness/poll.ts';
import { requireKubectl } from '../harness/requirement.ts';
import { startServer, type TestServer } from '../harness/server.ts';
import { requireDockerd, startDockerd } from './dockerd.ts';
import { makeBusyboxImage } from './images.ts';

/** Shows what it has of a Secret, and where. */
const shows = (name: string, volumes: readonly object[], script: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      restartPolicy: 'Never',
      volumes: [{ name: 's', secret: { secretName: 'word' } }, ...volumes],
      containers: [
        {
          name: 'c',
          image: 'busybox:1.37',
          command: ['sh', '-c', script],
          volumeMounts: ['s', ...volumes.map((each) => (each as { readonly name: string }).name)].map(
            (each) => ({ name: each, mountPath: `/${each}` }),
          ),
        },
      ],
    },
  });

const MEMORY = { name: 'm', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } };
const TOKEN = 'test -s /var/run/secrets/kubernetes.io/serviceaccount/token && cat /s/word && echo';

/** Runs one server on one Docker Engine, in a mount namespace of its own. */
async function apart(
  propagation: 'private' | 'unchanged',
  dataDirectory: string,
  use: (server: TestServer) => Promise<void>,
): Promise<void> {
  await using dockerd = await startDockerd();
  await dockerd.load(makeBusyboxImage(dockerd.directory, ['docker.io/library/busybox:1.37']));
  const args = ['--runtime', `docker=${dockerd.endpoint}`];
  const within = ['unshare', '--mount', '--propagation', propagation];
  await using server = await startServer(args, dataDirectory, {}, within);
  await kubectl(server, ['create', 'secret', 'generic', 'word', '--from-literal=word=hej']);
  await use(server);
}

async function logOf(server: TestServer, pod: string): Promise<string> {
  const phase = ['get', 'pod', pod, '-o', 'jsonpath={.status.phase}'];
  await eventually(
    async () => /Succeeded|Failed/.test(await kubectl(server, phase)) || undefined,
    () => `${pod} does not end`,
  );
  return kubectl(server, ['logs', pod]);
}

test('where the engine does not see its mounts, a server says so, and keeps Secrets where the engine does', async (context) => {
  if (!requireDockerd(context) || !requireKubectl(context)) return;
  await apart('private', mkdtempSync(join(tmpdir(), 'longshore-apart-')), async (server) => {
    const events = await kubectl(server, ['get', 'events', '-A']);
    assert.match(events, /RuntimeLimits .*Docker does not see what this server mounts/);
    await kubectl(server, ['apply', '-f', '-'], shows('secret', [], TOKEN));
    assert.equal(await logOf(server, 'secret'), 'hej\n');
    await kubectl(server, ['apply', '-f', '-'], shows('memory', [MEMORY], 'df /m'));
    await eventually(
      async () => {
        const told = await kubectl(server, [
          'get',
          'events',
          '--field-selector',
          'involvedObject.name=memory',
        ]);
        return /FailedMount .*an emptyDir in memory cannot be had/.test(told) || undefined;
      },
      () => 'the pod is not told',
    );
  });
});

test('where the data directory passes mounts on, the engine sees them', async (context) => {
  if (!requireDockerd(context) || !requireKubectl(context)) return;
  const place = mkdtempSync(join(tmpdir(), 'longshore-apart-'));
  execFileSync('mount', ['--bind', place, place]);
  try {
    execFileSync('mount', ['--make-shared', place]);
    await apart('unchanged', join(place, 'data'), async (server) => {
      const script = `${TOKEN}; df /s /m | grep -c tmpfs`;
      await kubectl(server, ['apply', '-f', '-'], shows('both', [MEMORY], script));
      assert.equal(await logOf(server, 'both'), 'hej\n2\n');
      assert.ok(!(await kubectl(server, ['get', 'events', '-A'])).includes('RuntimeLimits'));
    });
  } finally {
    execFileSync('umount', ['--lazy', place]);
    rmSync(place, { recursive: true, force: true });
  }
});
