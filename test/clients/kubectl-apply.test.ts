/** Ways of kubectl to write an object: apply on both sides, replace, the kinds of patch, edit, dry runs, validation. */
import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubectlSession } from '../harness/kubectl-session.ts';

const k = new KubectlSession();

/** A CronJob that never runs by itself. */
function cronJob(name: string, schedule: string): string {
  const container = { name: 'main', image: 'busybox', command: ['sh', '-c', 'echo hello'] };
  return JSON.stringify({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name },
    spec: {
      schedule,
      suspend: true,
      jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } } },
    },
  });
}

k.test('apply --server-side tells of a conflict, and takes the field over when forced', async () => {
  const first = cronJob('owned', '0 3 * * *');
  const second = cronJob('owned', '0 4 * * *');
  assert.equal(await k.run('apply --server-side -f -', first), 'cronjob.batch/owned serverside-applied\n');
  const version = await k.run('get cronjob owned -o jsonpath={.metadata.resourceVersion}');
  await k.run('apply --server-side -f -', first);
  assert.equal(await k.run('get cronjob owned -o jsonpath={.metadata.resourceVersion}'), version);
  assert.match(
    await k.fails('apply --server-side --field-manager=other -f -', second),
    /Apply failed with 1 conflict: conflict with "kubectl": \.spec\.schedule/,
  );
  await k.run('apply --server-side --field-manager=other --force-conflicts -f -', second);
  const shown = await k.run('get cronjob owned --show-managed-fields -o json');
  const { metadata } = JSON.parse(shown) as {
    metadata: { managedFields: { manager: string; fieldsV1: object }[] };
  };
  const owners = metadata.managedFields.filter(({ fieldsV1 }) =>
    JSON.stringify(fieldsV1).includes('f:schedule'),
  );
  assert.deepEqual(
    owners.map(({ manager }) => manager),
    ['other'],
  );
});

k.test('diff --server-side shows what applying would change and changes nothing', async () => {
  await k.run('apply --server-side -f -', cronJob('compared', '0 3 * * *'));
  const { code, stdout } = await k.server.kubectl(
    ['diff', '--server-side', '-f', '-'],
    cronJob('compared', '0 5 * * *'),
  );
  assert.equal(code, 1);
  assert.match(stdout, /^- {2}schedule: 0 3 \* \* \*\n\+ {2}schedule: 0 5 \* \* \*$/m);
  assert.equal(await k.run('get cronjob compared -o jsonpath={.spec.schedule}'), '0 3 * * *');
});

k.test('apply after a client-side create warns once and then keeps what it applied', async () => {
  await k.run('create -f -', cronJob('adopted', '0 3 * * *'));
  const { stderr } = await k.server.kubectl(['apply', '-f', '-'], cronJob('adopted', '0 6 * * *'));
  assert.match(stderr, /missing the kubectl\.kubernetes\.io\/last-applied-configuration annotation/);
  assert.match(await k.run('apply view-last-applied cronjob/adopted'), /schedule: 0 6 \* \* \*/);
  assert.match(await k.run('apply -f -', cronJob('adopted', '0 6 * * *')), /unchanged/);
});

k.test('apply --prune removes what is no longer applied', async () => {
  const list = (...names: readonly string[]): string =>
    names
      .map(
        (name) =>
          `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}","labels":{"set":"pruned"}}}`,
      )
      .join('\n');
  const prune = 'apply -f - --prune -l set=pruned --prune-allowlist=core/v1/ConfigMap';
  await k.run(prune, list('kept', 'dropped'));
  assert.match(await k.run(prune, list('kept')), /^configmap\/dropped pruned$/m);
  assert.equal(await k.run('get cm -l set=pruned -o name'), 'configmap/kept\n');
});

k.test(
  'apply --prune --applyset removes what left the set, and leaves alone what is in no set or another',
  async () => {
    process.env['KUBECTL_APPLYSET'] = 'true';
    const list = (...names: readonly string[]): string =>
      names.map((name) => `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"}}`).join('\n');
    const apply = (set: string, ...names: readonly string[]): Promise<string> =>
      k.run(`apply -n default -f - --prune --applyset=${set}`, list(...names));
    await k.run('create configmap in-no-set');
    await apply('configmaps/others', 'of-another');
    await apply('mine', 'remains', 'leaves');
    assert.match(await apply('mine', 'remains'), /^configmap\/leaves pruned$/m);
    const part = await k.run('get cm -l applyset.kubernetes.io/part-of -o name');
    assert.equal(part, 'configmap/of-another\nconfigmap/remains\n');
    await k.run('get cm in-no-set');
    const parent = await k.run('get secret mine -o jsonpath={.metadata.annotations}');
    assert.match(parent, /"applyset\.kubernetes\.io\/contains-group-kinds":"ConfigMap"/);
  },
);

k.test('edit-last-applied changes what the next apply compares with', async () => {
  await k.run('apply -f -', cronJob('remembered', '@daily'));
  const editor = join(k.server.dataDirectory, 'last-applied.sh');
  writeFileSync(editor, '#!/bin/sh\nsed -i "s/@daily/@yearly/" "$1"\n');
  chmodSync(editor, 0o755);
  process.env['KUBE_EDITOR'] = editor;
  await k.run('apply edit-last-applied cronjob/remembered');
  assert.match(await k.run('apply view-last-applied cronjob/remembered'), /schedule: '@yearly'/);
  assert.equal(await k.run('get cronjob remembered -o jsonpath={.spec.schedule}'), '@daily');
});

k.test('set subject and selector change a binding and a service', async () => {
  await k.run('create rolebinding changed --clusterrole=view --user=ada');
  await k.run('set subject rolebinding changed --user=eve --group=night --serviceaccount=default:bot');
  const wide = await k.run('get rolebinding changed -o wide');
  assert.match(wide, /^changed +ClusterRole\/view +\d+s +ada, eve +night +default\/bot *$/m);
  await k.run('create service clusterip chosen --tcp=80');
  await k.run('set selector service chosen app=night,tier=back');
  assert.equal(
    await k.run('get service chosen -o jsonpath={.spec.selector}'),
    '{"app":"night","tier":"back"}',
  );
});

k.test('replace needs the object, and --force makes it anew', async () => {
  assert.match(await k.fails('replace -f -', cronJob('fresh', '@daily')), /"fresh" not found/);
  await k.run('create -f -', cronJob('fresh', '@daily'));
  const uid = await k.run('get cronjob fresh -o jsonpath={.metadata.uid}');
  await k.run('replace -f -', cronJob('fresh', '@weekly'));
  assert.equal(await k.run('get cronjob fresh -o jsonpath={.metadata.uid}'), uid);
  await k.run('replace --force -f -', cronJob('fresh', '@monthly'));
  assert.notEqual(await k.run('get cronjob fresh -o jsonpath={.metadata.uid}'), uid);
});

k.test('patch of three types, of a subresource, and one that changes nothing', async () => {
  await k.run('create -f -', cronJob('patched', '@daily'));
  await k.run(`patch cronjob patched -p '{"spec":{"successfulJobsHistoryLimit":5}}'`);
  await k.run(`patch cronjob patched --type=merge -p '{"spec":{"failedJobsHistoryLimit":4}}'`);
  await k.run(
    `patch cronjob patched --type=json -p '[{"op":"replace","path":"/spec/schedule","value":"@weekly"}]'`,
  );
  const spec = JSON.parse(await k.run('get cronjob patched -o jsonpath={.spec}')) as Record<string, unknown>;
  assert.deepEqual(
    [spec['successfulJobsHistoryLimit'], spec['failedJobsHistoryLimit'], spec['schedule']],
    [5, 4, '@weekly'],
  );
  const status = `'{"status":{"lastSuccessfulTime":"2026-01-02T03:04:05Z"}}'`;
  await k.run(`patch cronjob patched --subresource=status --type=merge -p ${status}`);
  assert.equal(
    await k.run('get cronjob patched --subresource=status -o jsonpath={.status.lastSuccessfulTime}'),
    '2026-01-02T03:04:05Z',
  );
  assert.match(await k.run(`patch cronjob patched -p '{"spec":{"schedule":"@weekly"}}'`), /\(no change\)/);
});

k.test('label and annotate refuse to overwrite unless told to, and remove', async () => {
  await k.run('create -f -', cronJob('marked', '@daily'));
  await k.run('label cronjob marked team=night');
  assert.match(await k.fails('label cronjob marked team=day'), /already has a value \(night\)/);
  await k.run('label cronjob marked team=day --overwrite');
  assert.equal(await k.run('label cronjob marked --list'), 'team=day\n');
  await k.run('label cronjob marked team-');
  assert.equal(await k.run('label cronjob marked --list'), '');
  await k.run('annotate cronjob marked note=a');
  await k.run('annotate cronjob marked note=b --overwrite');
  assert.equal(await k.run('get cronjob marked -o jsonpath={.metadata.annotations.note}'), 'b');
});

k.test('edit saves a change, drops an empty one, and keeps a refused one in a file', async () => {
  await k.run('create -f -', cronJob('edited', '@daily'));
  const editor = join(k.server.dataDirectory, 'editor.sh');
  writeFileSync(editor, '#!/bin/sh\nsed -i "$EDITOR_SCRIPT" "$1"\n');
  chmodSync(editor, 0o755);
  process.env['KUBE_EDITOR'] = editor;
  const edit = (script: string) => {
    process.env['EDITOR_SCRIPT'] = script;
    return k.server.kubectl(['edit', 'cronjob', 'edited']);
  };
  assert.match((await edit('s/@daily/@weekly/')).stdout, /cronjob.batch\/edited edited/);
  assert.match((await edit('')).stderr, /no changes made/);
  const refused = await edit('s/@weekly/@never/');
  assert.match(refused.stderr, /cronjobs.batch "edited" is invalid/);
  assert.equal(await k.run('get cronjob edited -o jsonpath={.spec.schedule}'), '@weekly');
});

k.test('set changes image, environment, resources and service account of a CronJob', async () => {
  await k.run('create -f -', cronJob('set', '@daily'));
  await k.run('set image cronjob/set main=busybox:2');
  await k.run('set env cronjob/set COLOUR=blue');
  await k.run('set resources cronjob/set --requests=cpu=10m');
  await k.run('set serviceaccount cronjob set default');
  const path = 'jsonpath={.spec.jobTemplate.spec.template.spec}';
  const spec = JSON.parse(await k.run(`get cronjob set -o ${path}`)) as {
    serviceAccountName: string;
    containers: { image: string; env: object[]; resources: object }[];
  };
  assert.equal(spec.serviceAccountName, 'default');
  assert.equal(spec.containers[0]?.image, 'busybox:2');
  assert.deepEqual(spec.containers[0]?.env, [{ name: 'COLOUR', value: 'blue' }]);
  assert.deepEqual(spec.containers[0]?.resources, { requests: { cpu: '10m' } });
});

k.test('--dry-run=server answers as if and stores nothing', async () => {
  assert.equal(
    await k.run('apply --dry-run=server -f -', cronJob('dry', '@daily')),
    'cronjob.batch/dry created (server dry run)\n',
  );
  assert.match(await k.fails('get cronjob dry'), /NotFound/);
});

k.test('--validate warns of an unknown field, refuses it, or lets it pass', async () => {
  const odd = (name: string): string =>
    `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"},"colour":"blue"}`;
  assert.match(
    await k.fails('create -f -', odd('strict')),
    /ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "colour"/,
  );
  const { stderr } = await k.server.kubectl(['create', '--validate=warn', '-f', '-'], odd('warned'));
  assert.equal(stderr, 'Warning: unknown field "colour"\n');
  await k.run('create --validate=ignore -f -', odd('passed'));
  assert.equal(await k.run('get cm warned passed -o name'), 'configmap/warned\nconfigmap/passed\n');
});
