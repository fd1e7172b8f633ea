/** Ways of kubectl to delete: what goes along, what stays, how long it may take, and what is chosen. */
import assert from 'node:assert/strict';
import { KubectlSession } from '../harness/kubectl-session.ts';

const k = new KubectlSession();

/** Makes a Job whose pod runs until it is stopped. */
async function running(name: string): Promise<void> {
  await k.run(`create job ${name} --image=busybox -- sleep 300`);
  await k.run(`wait --for=jsonpath='{.status.ready}'=1 job/${name} --timeout=60s`);
}

k.test('--cascade=orphan leaves the pods, which force removes at once', async () => {
  await running('orphaned');
  assert.match(await k.run('delete job orphaned --cascade=orphan'), /^job\.batch "orphaned" deleted/);
  const pods = await k.run('get pods -l job-name=orphaned -o name');
  assert.match(pods, /^pod\/orphaned-\w+\n$/);
  assert.equal(await k.run(`get ${pods.trim()} -o jsonpath={.metadata.ownerReferences}`), '');
  const args = ['delete', 'pods', '-l', 'job-name=orphaned', '--grace-period=0', '--force'];
  const { stderr, stdout } = await k.server.kubectl(args);
  assert.match(stderr, /Immediate deletion does not wait/);
  assert.match(stdout, /force deleted/);
  assert.equal(await k.run('get pods -l job-name=orphaned -o name'), '');
});

k.test('--cascade=foreground waits until the pods are gone', async () => {
  await running('foreground');
  await k.run('delete job foreground --cascade=foreground --timeout=90s');
  assert.equal(await k.run('get pods -l job-name=foreground -o name'), '');
});

k.test('--cascade=background answers at once, and the pods follow', async () => {
  await running('background');
  await k.run('delete job background --cascade=background');
  await k.run('wait --for=delete pod -l job-name=background --timeout=90s');
});

k.test('--grace-period shortens the time that a pod gets to end', async () => {
  const deaf = `'trap "" TERM; while true; do sleep 0.1; done'`;
  await k.run(`run patient --image=busybox --restart=Never --command -- sh -c ${deaf}`);
  await k.run('wait --for=condition=Ready pod/patient --timeout=60s');
  // Of itself it would get 30 seconds, and use them.
  await k.run('delete pod patient --grace-period=1 --timeout=25s');
});

k.test('labels, fields and --all choose what goes', async () => {
  for (const name of ['one', 'two', 'three']) await k.run(`-n kube-public create configmap ${name}`);
  await k.run('-n kube-public label configmap one two group=gone');
  const left = (): Promise<string> =>
    k.run('-n kube-public get cm --field-selector metadata.name!=kube-root-ca.crt -o name');
  await k.run('-n kube-public delete cm -l group=gone --field-selector metadata.name=one');
  assert.equal(await left(), 'configmap/three\nconfigmap/two\n');
  await k.run('-n kube-public delete cm -l group=gone');
  assert.equal(await left(), 'configmap/three\n');
  await k.run('-n kube-public delete cm --all --dry-run=server');
  assert.equal(await left(), 'configmap/three\n');
  await k.run('-n kube-public delete cm --all');
  assert.equal(await left(), '');
});

k.test('what is not there is an error, or not, as one likes', async () => {
  assert.equal(
    (await k.fails('delete job none')).trim(),
    'Error from server (NotFound): jobs.batch "none" not found',
  );
  assert.equal(await k.run('delete job none --ignore-not-found'), '');
  assert.match(
    await k.fails('delete jobs --field-selector spec.colour=blue'),
    /field label "spec.colour" not supported/,
  );
});

k.test('deleting a namespace takes along all that is in it', async () => {
  await k.run('create namespace doomed');
  await k.run('-n doomed create job inside --image=busybox -- sleep 300');
  await k.run('-n doomed create configmap inside');
  await k.run('delete namespace doomed --timeout=90s');
  assert.match(await k.fails('get namespace doomed'), /NotFound/);
  assert.equal(await k.run('get cm,jobs,pods -A --field-selector metadata.namespace=doomed -o name'), '');
});
