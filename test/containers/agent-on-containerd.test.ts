/** A node agent by itself on a real containerd: its containers reach the server, and outlive the agent. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { requireNetworks, TestNetwork } from '../harness/machines.ts';
import { requireKubectl } from '../harness/requirement.ts';
import { execute, LONGSHORE, startServer } from '../harness/server.ts';
import { requireContainerd, startContainerd } from './containerd.ts';
import { makeBusyboxImage } from './images.ts';

const BUSYBOX = 'docker.io/library/busybox:1.37';

function canRun(t: TestContext): boolean {
  return requireContainerd(t) && requireKubectl(t) && requireNetworks(t);
}

/** Who it is for the server, as clients inside a cluster ask it: by the variables and by the service's name; ends when the file is there. */
const SCRIPT = `
who="/opt/kubectl auth whoami -o jsonpath={.status.userInfo.username}"
echo by variables: $($who)
at=/var/run/secrets/kubernetes.io/serviceaccount
server="--server https://kubernetes.default.svc:$KUBERNETES_SERVICE_PORT"
echo by name: $($who $server --certificate-authority $at/ca.crt --token $(cat $at/token))
touch /tmp/said
until [ -e /tmp/go ]; do sleep 0.1; done
echo over
`;
const SAID = ['variables', 'name']
  .map((how) => `by ${how}: system:serviceaccount:default:default\n`)
  .join('');
const KUBECTL = spawnSync('sh', ['-c', 'realpath "$(command -v kubectl)"'], {
  encoding: 'utf8',
}).stdout.trim();

const JOB = JSON.stringify({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'far' },
  spec: {
    backoffLimit: 0,
    template: {
      spec: {
        restartPolicy: 'Never',
        containers: [
          {
            name: 'main',
            image: 'busybox:1.37',
            command: ['sh', '-c', SCRIPT],
            readinessProbe: { exec: { command: ['test', '-e', '/tmp/said'] }, periodSeconds: 1 },
            volumeMounts: [{ name: 'kubectl', mountPath: '/opt/kubectl', readOnly: true }],
          },
        ],
        volumes: [{ name: 'kubectl', hostPath: { path: KUBECTL } }],
      },
    },
  },
});

test('containers of an agent reach the server, answer logs and exec through it, and outlive the agent', async (t) => {
  if (!canRun(t)) return;
  const containerd = await startContainerd();
  t.after(() => containerd.stop());
  await containerd.importArchive(makeBusyboxImage(containerd.directory, [BUSYBOX]));
  await using network = new TestNetwork();
  await using server = await startServer(['--bind', network.address, '--runtime', 'none']);
  const token = ['token', 'create', '--data-dir', server.dataDirectory];
  const { stdout } = await execute(process.execPath, [LONGSHORE, ...token]);
  const runtime = ['--node-name', 'box', '--runtime', `cri=${containerd.endpoint}`];
  const data = ['--data-dir', join(server.dataDirectory, 'agent')];
  const words = [...stdout.trim().split(' ').slice(1), ...runtime, ...data];
  const agent = await network.longshore(words);
  const kubectl = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout: said, stderr } = await server.kubectl(args);
    assert.equal(code, 0, stderr);
    return said;
  };
  const made = await server.kubectl(['create', '-f', '-'], JOB);
  assert.equal(made.code, 0, made.stderr);
  await kubectl('wait', 'job/far', '--for=jsonpath={.status.ready}=1', '--timeout=40s');
  const status = 'jsonpath={.items[0].spec.nodeName} {.items[0].status.containerStatuses[0].containerID}';
  const before = await kubectl('get', 'pods', '-o', status);
  assert.match(before, /^box containerd:\/\//);

  const ended = new Promise((resolve) => agent.once('close', resolve));
  agent.kill('SIGKILL');
  await ended;
  await network.longshore(words);
  assert.equal(await kubectl('get', 'pods', '-o', status), before);
  assert.equal(await kubectl('logs', 'job/far'), SAID);
  assert.equal(await kubectl('exec', 'job/far', '--', 'sh', '-c', 'touch /tmp/go; echo there'), 'there\n');
  await kubectl('wait', 'job/far', '--for=condition=complete', '--timeout=40s');
  assert.equal(await kubectl('logs', 'job/far'), `${SAID}over\n`);
  await kubectl('delete', 'job', 'far', '--wait=true');
  await kubectl('wait', 'pod', '--all', '--for=delete', '--timeout=40s');
});
