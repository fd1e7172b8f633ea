/** The verbs of the real kubectl, each against the real server. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { requireProgram } from '../harness/requirement.ts';
import { startServer, type TestServer } from '../harness/server.ts';

let server: TestServer;

before(async () => {
  server = await startServer(['--runtime', 'process']);
});

after(async () => {
  await server[Symbol.asyncDispose]();
});

/** Runs kubectl, asserts that it succeeded and answers its standard output. */
async function kubectl(args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await server.kubectl(args, input);
  assert.equal(code, 0, `kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}

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

test('kubectl apply creates a Job, wait sees it complete, get prints the columns of Kubernetes', async (t) => {
  if (!requireProgram(t, 'kubectl', 'install kubectl 1.32 or newer')) return;
  assert.match(
    await kubectl(['apply', '-f', '-'], job('applied', 'echo hello')),
    /^job.batch\/applied created$/m,
  );
  await kubectl(['wait', '--for=condition=complete', 'job/applied', '--timeout=30s']);
  const table = await kubectl(['get', 'jobs', 'applied']);
  assert.match(table, /^NAME\s+STATUS\s+COMPLETIONS\s+DURATION\s+AGE\n/);
  assert.match(table, /^applied\s+Complete\s+1\/1\s+\d+s\s+\d+s$/m);
  assert.match(await kubectl(['get', 'jobs', '-o', 'wide']), /CONTAINERS\s+IMAGES\s+SELECTOR/);
  assert.match(
    await kubectl(['apply', '-f', '-'], job('applied', 'echo hello')),
    /^job.batch\/applied unchanged$/m,
  );
  assert.match(await kubectl(['logs', 'job/applied']), /^hello$/m);
});

test('kubectl get prints YAML, JSON, jsonpath and custom columns', async (t) => {
  if (!requireProgram(t, 'kubectl', 'install kubectl 1.32 or newer')) return;
  await kubectl(['create', '-f', '-'], job('printed', 'true'));
  assert.match(await kubectl(['get', 'job', 'printed', '-o', 'yaml']), /^kind: Job$/m);
  assert.equal(JSON.parse(await kubectl(['get', 'job', 'printed', '-o', 'json'])).kind, 'Job');
  assert.equal(await kubectl(['get', 'job', 'printed', '-o', 'jsonpath={.spec.parallelism}']), '1');
  assert.match(await kubectl(['get', 'jobs', '-o', 'custom-columns=N:.metadata.name']), /^printed$/m);
  assert.match(await kubectl(['get', 'pods,jobs', '-A', '--show-labels']), /job-name=printed/);
});

test('kubectl describe tells a Job and its pods with their events', async (t) => {
  if (!requireProgram(t, 'kubectl', 'install kubectl 1.32 or newer')) return;
  await kubectl(['apply', '-f', '-'], job('described', 'exit 3'));
  await kubectl(['wait', '--for=condition=failed', 'job/described', '--timeout=30s']);
  const text = await kubectl(['describe', 'job', 'described']);
  assert.match(text, /SuccessfulCreate/);
  assert.match(text, /BackoffLimitExceeded/);
  assert.match(await kubectl(['describe', 'pods', '-l', 'job-name=described']), /Exit Code:\s+3/);
  assert.match(await kubectl(['describe', 'nodes']), /Allocatable:/);
});

test('kubectl logs -f follows a container to its end', async (t) => {
  if (!requireProgram(t, 'kubectl', 'install kubectl 1.32 or newer')) return;
  await kubectl(['apply', '-f', '-'], job('followed', 'for i in 1 2 3; do echo line $i; sleep 0.2; done'));
  await kubectl(['wait', '--for=jsonpath={.status.active}=1', 'job/followed', '--timeout=30s']);
  await kubectl([
    'wait',
    '--for=jsonpath={.status.phase}=Running',
    'pod',
    '-l',
    'job-name=followed',
    '--timeout=30s',
  ]);
  assert.equal(await kubectl(['logs', '-f', 'job/followed']), 'line 1\nline 2\nline 3\n');
});

test('kubectl get -w sees a Job go from running to complete', async (t) => {
  if (!requireProgram(t, 'kubectl', 'install kubectl 1.32 or newer')) return;
  const args = [
    '--kubeconfig',
    server.kubeconfig,
    'get',
    'jobs',
    '-w',
    '--field-selector',
    'metadata.name=watched',
  ];
  const watch = spawn('kubectl', args, { env: { ...process.env, HOME: server.dataDirectory } });
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
  await kubectl(
    ['apply', '-f', '-'],
    JSON.stringify({ ...suspended, spec: { ...suspended.spec, suspend: true } }),
  );
  await shows(/watched\s+Suspended\s+0\/1/);
  await kubectl(['patch', 'job', 'watched', '-p', '{"spec":{"suspend":false}}']);
  await shows(/watched\s+Running\s+0\/1[\s\S]*watched\s+Complete\s+1\/1/);
  watch.kill();
  await ended;
});

test('kubectl patch, label, annotate and edit change an object', async (t) => {
  if (!requireProgram(t, 'kubectl', 'install kubectl 1.32 or newer')) return;
  await kubectl(['apply', '-f', '-'], job('changed', 'true', { suspend: true }));
  await kubectl(['patch', 'job', 'changed', '-p', '{"spec":{"backoffLimit":2}}']);
  await kubectl(['patch', 'job', 'changed', '--type=merge', '-p', '{"spec":{"parallelism":2}}']);
  const deadline = '[{"op":"add","path":"/spec/activeDeadlineSeconds","value":60}]';
  await kubectl(['patch', 'job', 'changed', '--type=json', '-p', deadline]);
  await kubectl(['label', 'job', 'changed', 'team=night']);
  await kubectl(['annotate', 'job', 'changed', 'note=kept']);
  const editor = join(server.dataDirectory, 'editor.sh');
  writeFileSync(editor, '#!/bin/sh\nsed -i "s/note: kept/note: edited/" "$1"\n');
  chmodSync(editor, 0o755);
  process.env['KUBE_EDITOR'] = editor;
  await kubectl(['edit', 'job', 'changed']);
  const changed = JSON.parse(await kubectl(['get', 'job', 'changed', '-o', 'json']));
  assert.equal(changed.spec.parallelism, 2);
  assert.equal(changed.spec.activeDeadlineSeconds, 60);
  assert.equal(changed.spec.backoffLimit, 2);
  assert.equal(changed.metadata.labels.team, 'night');
  assert.equal(changed.metadata.annotations.note, 'edited');
});

test('kubectl delete removes a Job and, in the background, its pods', async (t) => {
  if (!requireProgram(t, 'kubectl', 'install kubectl 1.32 or newer')) return;
  await kubectl(['apply', '-f', '-'], job('deleted', 'sleep 60'));
  await kubectl(['wait', '--for=jsonpath={.status.active}=1', 'job/deleted', '--timeout=30s']);
  assert.match(await kubectl(['delete', 'job', 'deleted']), /job.batch "deleted" deleted/);
  await kubectl(['wait', '--for=delete', 'pod', '-l', 'job-name=deleted', '--timeout=30s']);
  assert.equal(
    (await server.kubectl(['get', 'job', 'deleted'])).stderr.trim(),
    'Error from server (NotFound): jobs.batch "deleted" not found',
  );
});

test('kubectl api-resources, cluster-info, version and auth whoami answer', async (t) => {
  if (!requireProgram(t, 'kubectl', 'install kubectl 1.32 or newer')) return;
  const resources = await kubectl(['api-resources']);
  assert.match(resources, /^jobs\s+batch\/v1\s+true\s+Job$/m);
  assert.match(resources, /^cronjobs\s+cj\s+batch\/v1\s+true\s+CronJob$/m);
  assert.match(await kubectl(['cluster-info']), /is running at/);
  assert.match(await kubectl(['version']), /Server Version: v1\.36\./);
  assert.match(await kubectl(['auth', 'whoami']), /system:masters/);
});
