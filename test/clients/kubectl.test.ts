/** The verbs of the real kubectl, each against the real k.server. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubectlSession } from '../harness/kubectl-session.ts';

const k = new KubectlSession(['--runtime', 'process']);

/** A Job whose one container runs that shell script. */
function job(name: string, script: string, more: object = {}): string {
  return JSON.stringify({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: {
      backoffLimit: 0,
      template: {
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: 1,
          containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', script] }],
        },
      },
      ...more,
    },
  });
}

k.test(
  'kubectl apply creates a Job, wait sees it complete, get prints the columns of Kubernetes',
  async () => {
    assert.match(
      await k.run(['apply', '-f', '-'], job('applied', 'echo hello')),
      /^job.batch\/applied created$/m,
    );
    await k.run(['wait', '--for=condition=complete', 'job/applied', '--timeout=30s']);
    const table = await k.run(['get', 'jobs', 'applied']);
    assert.match(table, /^NAME\s+STATUS\s+COMPLETIONS\s+DURATION\s+AGE\n/);
    assert.match(table, /^applied\s+Complete\s+1\/1\s+\d+s\s+\d+s$/m);
    assert.match(await k.run(['get', 'jobs', '-o', 'wide']), /CONTAINERS\s+IMAGES\s+SELECTOR/);
    assert.match(
      await k.run(['apply', '-f', '-'], job('applied', 'echo hello')),
      /^job.batch\/applied unchanged$/m,
    );
    assert.match(await k.run(['logs', 'job/applied']), /^hello$/m);
  },
);

k.test('kubectl get prints YAML, JSON, jsonpath and custom columns', async () => {
  await k.run(['create', '-f', '-'], job('printed', 'true'));
  assert.match(await k.run(['get', 'job', 'printed', '-o', 'yaml']), /^kind: Job$/m);
  assert.equal(JSON.parse(await k.run(['get', 'job', 'printed', '-o', 'json'])).kind, 'Job');
  assert.equal(await k.run(['get', 'job', 'printed', '-o', 'jsonpath={.spec.parallelism}']), '1');
  assert.match(await k.run(['get', 'jobs', '-o', 'custom-columns=N:.metadata.name']), /^printed$/m);
  assert.match(await k.run(['get', 'pods,jobs', '-A', '--show-labels']), /job-name=printed/);
});

k.test('kubectl describe tells a Job and its pods with their events', async () => {
  await k.run(['apply', '-f', '-'], job('described', 'exit 3'));
  await k.run(['wait', '--for=condition=failed', 'job/described', '--timeout=30s']);
  const text = await k.run(['describe', 'job', 'described']);
  assert.match(text, /SuccessfulCreate/);
  assert.match(text, /BackoffLimitExceeded/);
  assert.match(await k.run(['describe', 'pods', '-l', 'job-name=described']), /Exit Code:\s+3/);
  assert.match(await k.run(['describe', 'nodes']), /Allocatable:/);
});

k.test('kubectl logs -f follows a container to its end', async () => {
  const go = join(k.server.dataDirectory, 'go');
  const script = `echo line 1; until test -e ${go}; do sleep 0.05; done; echo line 2`;
  await k.run('apply -f -', job('followed', script));
  await k.run('wait --for=jsonpath={.status.ready}=1 job/followed --timeout=60s');
  const followed = k.run('logs -f job/followed');
  writeFileSync(go, '');
  assert.equal(await followed, 'line 1\nline 2\n');
});

k.test('kubectl get -w sees a Job go from running to complete', async () => {
  const args = [
    '--kubeconfig',
    k.server.kubeconfig,
    'get',
    'jobs',
    '-w',
    '--field-selector',
    'metadata.name=watched',
  ];
  const watch = spawn('kubectl', args, { env: { ...process.env, HOME: k.server.dataDirectory } });
  const ended = new Promise((resolve) => watch.once('close', resolve));
  let seen = '';
  const shows = (text: RegExp): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (text.test(seen)) resolve();
      };
      watch.stdout.on('data', look);
      look();
    });
  watch.stdout.setEncoding('utf8').on('data', (text: string) => (seen += text));
  // Suspended first, so that the watch is there before anything happens.
  const suspended = JSON.parse(job('watched', 'sleep 0.3')) as { spec: object };
  await k.run(
    ['apply', '-f', '-'],
    JSON.stringify({ ...suspended, spec: { ...suspended.spec, suspend: true } }),
  );
  await shows(/watched\s+Suspended\s+0\/1/);
  await k.run(['patch', 'job', 'watched', '-p', '{"spec":{"suspend":false}}']);
  await shows(/watched\s+Running\s+0\/1[\s\S]*watched\s+Complete\s+1\/1/);
  watch.kill();
  await ended;
});

k.test('kubectl patch, label, annotate and edit change an object', async () => {
  await k.run(['apply', '-f', '-'], job('changed', 'true', { suspend: true }));
  await k.run(['patch', 'job', 'changed', '-p', '{"spec":{"backoffLimit":2}}']);
  await k.run(['patch', 'job', 'changed', '--type=merge', '-p', '{"spec":{"parallelism":2}}']);
  const deadline = '[{"op":"add","path":"/spec/activeDeadlineSeconds","value":60}]';
  await k.run(['patch', 'job', 'changed', '--type=json', '-p', deadline]);
  await k.run(['label', 'job', 'changed', 'team=night']);
  await k.run(['annotate', 'job', 'changed', 'note=kept']);
  const editor = join(k.server.dataDirectory, 'editor.sh');
  writeFileSync(editor, '#!/bin/sh\nsed -i "s/note: kept/note: edited/" "$1"\n');
  chmodSync(editor, 0o755);
  process.env['KUBE_EDITOR'] = editor;
  await k.run(['edit', 'job', 'changed']);
  const changed = JSON.parse(await k.run(['get', 'job', 'changed', '-o', 'json']));
  assert.equal(changed.spec.parallelism, 2);
  assert.equal(changed.spec.activeDeadlineSeconds, 60);
  assert.equal(changed.spec.backoffLimit, 2);
  assert.equal(changed.metadata.labels.team, 'night');
  assert.equal(changed.metadata.annotations.note, 'edited');
});

k.test('kubectl delete removes a Job and, in the background, its pods', async () => {
  await k.run(['apply', '-f', '-'], job('deleted', 'sleep 60'));
  await k.run(['wait', '--for=jsonpath={.status.active}=1', 'job/deleted', '--timeout=30s']);
  assert.match(await k.run(['delete', 'job', 'deleted']), /job.batch "deleted" deleted/);
  await k.run(['wait', '--for=delete', 'pod', '-l', 'job-name=deleted', '--timeout=30s']);
  assert.equal(
    (await k.server.kubectl(['get', 'job', 'deleted'])).stderr.trim(),
    'Error from server (NotFound): jobs.batch "deleted" not found',
  );
});

k.test('kubectl api-resources, cluster-info, version and auth whoami answer', async () => {
  const resources = await k.run(['api-resources']);
  assert.match(resources, /^jobs\s+batch\/v1\s+true\s+Job$/m);
  assert.match(resources, /^cronjobs\s+cj\s+batch\/v1\s+true\s+CronJob$/m);
  assert.match(await k.run(['cluster-info']), /is running at/);
  assert.match(await k.run(['version']), /Server Version: v1\.36\./);
  assert.match(await k.run(['auth', 'whoami']), /system:masters/);
});
