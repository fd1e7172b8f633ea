/** Pod Security admission through the real kubectl, and what it means for a Job. */
import assert from 'node:assert/strict';
import { KubectlSession } from '../harness/kubectl-session.ts';
import { poll } from '../harness/poll.ts';
import { type Outcome, startServer } from '../harness/server.ts';

const k = new KubectlSession(['--runtime', 'none']);

async function kubectl(args: readonly string[], input?: object): Promise<Outcome> {
  const outcome = await k.server.kubectl(args, input === undefined ? undefined : JSON.stringify(input));
  assert.equal(outcome.code, 0, `kubectl ${args.join(' ')}: ${outcome.stderr}`);
  return outcome;
}

async function namespace(name: string, ...labels: readonly string[]): Promise<void> {
  await kubectl(['create', 'namespace', name]);
  const all = labels.map((each) => `pod-security.kubernetes.io/${each}`);
  if (all.length > 0) await kubectl(['label', 'namespace', name, ...all]);
  // The account that pods run as comes a moment after its namespace.
  await poll('the service account is there', async () => {
    const { code } = await k.server.kubectl(['get', 'serviceaccount', 'default', '-n', name]);
    return code === 0;
  });
}

const pod = (name: string, spec: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'busybox' }], ...spec },
});

const job = (name: string, spec: object): object => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name },
  spec: {
    template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox' }], ...spec } },
  },
});

k.test('a namespace that asks for baseline refuses a pod below it, in the words of Kubernetes', async () => {
  await namespace('base', 'enforce=baseline');
  await kubectl(['create', '-n', 'base', '-f', '-'], pod('good'));
  const { code, stderr } = await k.server.kubectl(
    ['create', '-n', 'base', '-f', '-'],
    JSON.stringify(pod('bad', { hostPID: true })),
  );
  assert.equal(code, 1);
  assert.equal(
    stderr,
    'Error from server (Forbidden): error when creating "STDIN": pods "bad" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostPID=true)\n',
  );
});

k.test('a Job below the level is stored with a warning, and its pods are refused with an event', async () => {
  await namespace('jobs', 'enforce=baseline');
  const { stdout, stderr } = await kubectl(['create', '-n', 'jobs', '-f', '-'], job('j', { hostPID: true }));
  assert.equal(stdout, 'job.batch/j created\n');
  assert.equal(
    stderr,
    'Warning: would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)\n',
  );
  await poll('the event tells why there is no pod', async () => {
    const events = await kubectl(['get', 'events', '-n', 'jobs', '-o', 'jsonpath={.items[*].message}']);
    return /Error creating: pods "j-\w+" is forbidden: violates PodSecurity "baseline:latest"/.test(
      events.stdout,
    );
  });
  const cronJob = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'c' },
    spec: {
      schedule: '@yearly',
      jobTemplate: { spec: (job('c', { hostIPC: true }) as { spec: object }).spec },
    },
  };
  assert.match(
    (await kubectl(['create', '-n', 'jobs', '-f', '-'], cronJob)).stderr,
    /^Warning: would violate PodSecurity "baseline:latest": host namespaces \(hostIPC=true\)$/m,
  );
});

k.test(
  'labels that say nothing are refused, and a stricter level tells which pods it would not let in',
  async () => {
    await namespace('grows');
    const strange = await k.server.kubectl([
      'label',
      'ns',
      'grows',
      'pod-security.kubernetes.io/enforce=high',
    ]);
    assert.match(
      strange.stderr,
      /The Namespace "grows" is invalid: metadata\.labels\[pod-security\.kubernetes\.io\/enforce\]: Invalid value: "high": must be one of privileged, baseline, restricted/,
    );
    for (const name of ['one', 'two', 'three']) {
      await kubectl(['create', '-n', 'grows', '-f', '-'], pod(name, { hostNetwork: true }));
    }
    await kubectl(['create', '-n', 'grows', '-f', '-'], pod('ports', { hostPID: true }));
    const label = 'pod-security.kubernetes.io/enforce=baseline';
    assert.equal(
      (await kubectl(['label', 'ns', 'grows', label])).stderr,
      'Warning: existing pods in namespace "grows" violate the new PodSecurity enforce level "baseline:latest"\nWarning: one (and 3 other pods): host namespaces\n',
    );
  },
);

k.test('up --pod-security sets the level of namespaces without labels; a wrong one is refused', async () => {
  await using strict = await startServer(['--runtime', 'none', '--pod-security', 'restricted']);
  await poll('the service account is there', async () => {
    return (await strict.kubectl(['get', 'serviceaccount', 'default'])).code === 0;
  });
  const { stderr } = await strict.kubectl(['create', '-f', '-'], JSON.stringify(pod('plain')));
  assert.match(
    stderr,
    /pods "plain" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation/,
  );
  await assert.rejects(
    startServer(['--pod-security', 'paranoid']),
    /unknown Pod Security level 'paranoid': use privileged, baseline or restricted/,
  );
});
