/** What kubectl does with the OpenAPI documents: checks manifests, explains fields, tells differences. */
import assert from 'node:assert/strict';
import { KubectlSession } from '../harness/kubectl-session.ts';

const k = new KubectlSession(['--runtime', 'process']);

/** A List of a ConfigMap and a suspended Job whose spec has those further members. */
function manifest(suffix: string, more: object = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: `settings-${suffix}` },
        data: { colour: 'blue' },
      },
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: `job-${suffix}` },
        spec: {
          suspend: true,
          template: {
            spec: {
              restartPolicy: 'Never',
              containers: [
                {
                  name: 'main',
                  image: 'busybox',
                  command: ['true'],
                  resources: { requests: { cpu: '10m', memory: '1Mi' } },
                },
              ],
            },
          },
          ...more,
        },
      },
    ],
  });
}

k.test('kubectl apply takes a List, whose validation reads the v2 document in protobuf', async () => {
  const applied = await k.server.kubectl(['apply', '-f', '-'], manifest('listed'));
  assert.equal(applied.stderr, '');
  assert.equal(applied.stdout, 'configmap/settings-listed created\njob.batch/job-listed created\n');
  const again = await k.server.kubectl(['apply', '-f', '-'], manifest('listed'));
  assert.equal(again.stdout, 'configmap/settings-listed unchanged\njob.batch/job-listed unchanged\n');
});

k.test('kubectl refuses a List with an unknown field or a wrong type before it sends any of it', async () => {
  const unknown = await k.server.kubectl(
    ['create', '--validate=strict', '-f', '-'],
    manifest('odd', { paralelism: 2 }),
  );
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /unknown field "paralelism" in io\.k8s\.api\.batch\.v1\.JobSpec/);
  const wrong = await k.server.kubectl(['apply', '-f', '-'], manifest('odd', { parallelism: 'two' }));
  assert.match(
    wrong.stderr,
    /invalid type for io\.k8s\.api\.batch\.v1\.JobSpec\.parallelism: got "string", expected "integer"/,
  );
  assert.match((await k.server.kubectl(['get', 'configmap', 'settings-odd'])).stderr, /NotFound/);
});

k.test('kubectl create --validate=strict lets the server refuse an unknown field of one object', async () => {
  const odd = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'strict' }, date: {} };
  const { code, stderr } = await k.server.kubectl(
    ['create', '--validate=strict', '-f', '-'],
    JSON.stringify(odd),
  );
  assert.equal(code, 1);
  assert.match(stderr, /strict decoding error: unknown field "date"/);
});

k.test('kubectl explain tells the fields of job.spec and what each is for', async () => {
  const { code, stdout, stderr } = await k.server.kubectl(['explain', 'job.spec']);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^GROUP:\s+batch$/m);
  assert.match(stdout, /^\s+backoffLimit\t<integer>\n {4}How many failed pods/m);
  assert.match(stdout, /^\s+template\t<PodTemplateSpec> -required-\n {4}The pod that/m);
  assert.doesNotMatch(stdout, /<no description>|<empty>/);
});

k.test('kubectl explain follows a path and --recursive shows all below', async () => {
  const probe = await k.server.kubectl(['explain', 'pod.spec.containers.livenessProbe']);
  assert.match(probe.stdout, /^FIELD: livenessProbe <Probe>$/m);
  assert.match(probe.stdout, /^\s+periodSeconds\t<integer>\n {4}Seconds between two tries/m);
  assert.doesNotMatch(probe.stdout, /<no description>|<empty>/);
  const all = await k.server.kubectl(['explain', 'cronjob', '--recursive']);
  assert.match(all.stdout, /^ {8}podFailurePolicy\t<PodFailurePolicy>$/m);
  const older = await k.server.kubectl(['explain', 'job.spec.suspend', '--output=plaintext-openapiv2']);
  assert.match(older.stdout, /no pods are started/);
});

k.test('kubectl explain --api-version tells the two events apart', async () => {
  const one = await k.run('explain event --api-version=v1');
  assert.match(one, /^\s+involvedObject\t<ObjectReference> -required-$/m);
  const other = await k.run('explain event --api-version=events.k8s.io/v1');
  assert.match(other, /^GROUP:\s+events\.k8s\.io$/m);
  assert.match(other, /^\s+regarding\t<ObjectReference>$/m);
  assert.match(await k.fails('explain job --api-version=batch/v2'), /couldn't find resource for "batch\/v2/);
});

k.test('kubectl diff tells what applying a List would change', async () => {
  const applied = await k.server.kubectl(['apply', '-f', '-'], manifest('diff'));
  assert.equal(applied.code, 0, applied.stderr);
  assert.equal((await k.server.kubectl(['diff', '-f', '-'], manifest('diff'))).code, 0);
  const changed = await k.server.kubectl(['diff', '-f', '-'], manifest('diff', { parallelism: 3 }));
  assert.equal(changed.code, 1, changed.stderr);
  assert.match(changed.stdout, /^\+ {2}parallelism: 3$/m);
});
