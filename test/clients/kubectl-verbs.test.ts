/** The verbs of kubectl that the other files here do not use. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeRequest } from '../../src/kubelet/certificates/request.ts';
import { KubectlSession } from '../harness/kubectl-session.ts';

const k = new KubectlSession(['--runtime', 'process']);

k.test('debug adds a container to a running pod, copies a pod, and makes one on a node', async () => {
  await k.run('run target --image=busybox --command -- sleep 1000');
  await k.run('wait --for=condition=Ready pod/target --timeout=30s');
  // It says nothing before it is told what: what is said before kubectl has joined, kubectl does not hear.
  assert.match(await k.run('debug -i target --image=busybox -- head -n 1', 'from within\n'), /from within/);
  const added = await k.run(
    "get pod target -o jsonpath='{.spec.ephemeralContainers[0].name} {.status.ephemeralContainerStatuses[0].name}'",
  );
  const [name = '', shown] = added.split(' ');
  assert.match(name, /^debugger-/);
  assert.equal(shown, name);
  assert.equal(await k.run(`logs target -c ${name}`), 'from within\n');
  await k.run('debug target --image=busybox --copy-to=copy --container=target -- sleep 1000');
  assert.equal(await k.run("get pod copy -o jsonpath='{.spec.containers[*].command}'"), '["sleep","1000"]');
  const node = await k.run("get nodes -o jsonpath='{.items[0].metadata.name}'");
  assert.match(await k.run(`debug node/${node} --image=busybox -- true`), /on node/);
  assert.match(await k.fails('debug node/nowhere --image=busybox -- true'), /not found/);
});

k.test(
  'set image has a running container begin again with the other image, also in a pod that runs once',
  async () => {
    await k.run('run renewed --image=busybox:1 --restart=Never --command -- sleep 1000');
    await k.run('wait --for=condition=Ready pod/renewed --timeout=30s');
    await k.run('set image pod/renewed renewed=busybox:2');
    const first = 'jsonpath={.status.containerStatuses[0]';
    await k.run(`wait --for=${first}.restartCount}=1 pod/renewed --timeout=60s`);
    await k.run('wait --for=condition=Ready pod/renewed --timeout=60s');
    assert.equal(await k.run(`get pod renewed -o ${first}.image}`), 'busybox:2');
    const events = await k.run('events --for pod/renewed');
    assert.match(events, /Killing .*Container renewed definition changed, will be restarted/);
    await k.run('delete pod renewed --now');
  },
);

k.test('apply, diff, get and delete take what kustomize builds', async () => {
  const directory = join(k.server.dataDirectory, 'kustomized');
  mkdirSync(directory);
  writeFileSync(
    join(directory, 'kustomization.yaml'),
    'namePrefix: built-\nresources: [job.yaml]\nconfigMapGenerator: [{name: settings, literals: [a=b]}]\n',
  );
  writeFileSync(
    join(directory, 'job.yaml'),
    `apiVersion: batch/v1
kind: Job
metadata: {name: job}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: c, image: busybox, command: [sh, -c, 'test "$a" = b'], envFrom: [{configMapRef: {name: settings}}]}]
`,
  );
  await k.run(`apply -k ${directory}`);
  assert.equal(await k.run(`diff -k ${directory}`), '');
  await k.run('wait --for=condition=complete job/built-job --timeout=30s');
  assert.match(
    await k.run(`get -k ${directory}`),
    /configmap\/built-settings-\w+[\s\S]*job\.batch\/built-job/,
  );
  await k.run(`delete -k ${directory}`);
  assert.equal(await k.run('get configmap,job -o name'), 'configmap/kube-root-ca.crt\n');
});

k.test('auth reconcile makes roles and bindings, and takes away what is too much', async () => {
  const manifest = (verb: string, user: string): string => `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: kept, namespace: default}
rules: [{apiGroups: [batch], resources: [jobs], verbs: [${verb}]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: kept, namespace: default}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: kept}
subjects: [{kind: User, name: ${user}, apiGroup: rbac.authorization.k8s.io}]
`;
  const made = await k.run('auth reconcile -f -', manifest('get', 'adam'));
  assert.match(made, /role\S+\/kept reconciled\nrolebinding\S+\/kept reconciled/);
  assert.equal(await k.run('auth can-i get jobs --as adam'), 'yes\n');
  const remove = '--remove-extra-permissions --remove-extra-subjects';
  await k.run(`auth reconcile -f - ${remove}`, manifest('list', 'eve'));
  assert.equal(await k.run('auth can-i list jobs --as eve'), 'yes\n');
  for (const who of ['get jobs --as eve', 'list jobs --as adam'])
    assert.match((await k.server.kubectl(['auth', 'can-i', ...who.split(' ')])).stdout, /^no/);
});

k.test('certificate approve has a request signed, deny ends it, and neither can be undone', async () => {
  const { dataDirectory } = k.server;
  const { request, key } = await makeRequest('zoe', ['dev'], []);
  const keyFile = join(dataDirectory, 'u.key');
  writeFileSync(keyFile, key);
  const pem = Buffer.from(request).toString('base64');
  for (const name of ['good', 'bad']) {
    const spec = { request: pem, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] };
    const made = {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name },
      spec,
    };
    await k.run('create -f -', JSON.stringify(made));
  }
  assert.match(await k.run('certificate approve good'), /good approved/);
  assert.match(await k.run('certificate deny bad'), /bad denied/);
  await k.run("wait --for=jsonpath='{.status.certificate}' csr/good --timeout=30s");
  assert.match(await k.run('get csr'), /bad .* Denied\ngood .* Approved,Issued\n/);
  assert.match(await k.fails('certificate deny good'), /already Approved/);
  assert.match(await k.fails('certificate approve nowhere'), /not found/);
  const certificate = join(dataDirectory, 'u.crt');
  const issued = await k.run("get csr good -o jsonpath='{.status.certificate}'");
  writeFileSync(certificate, Buffer.from(issued, 'base64'));
  const config = join(dataDirectory, 'zoe.kubeconfig');
  const ca = join(dataDirectory, 'zoe-ca.crt');
  const authority = await k.run(
    "config view --raw -o jsonpath='{.clusters[0].cluster.certificate-authority-data}'",
  );
  writeFileSync(ca, Buffer.from(authority, 'base64'));
  writeFileSync(config, '');
  const zoe = `--kubeconfig ${config} --server ${k.server.url} --certificate-authority ${ca} --client-certificate ${certificate} --client-key ${keyFile}`;
  const whoami = await k.run(`auth whoami -o json ${zoe}`);
  const { status } = JSON.parse(whoami) as { status: { userInfo: Record<string, unknown> } };
  assert.equal(status.userInfo['username'], 'zoe');
  assert.deepEqual(status.userInfo['groups'], ['dev', 'system:authenticated']);
  assert.match(
    JSON.stringify(status.userInfo['extra']),
    /"authentication\.kubernetes\.io\/credential-id":\["X509SHA256=/,
  );
});

k.test('apply set-last-applied is what the next apply compares with', async () => {
  const map = (data: string): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: last}\ndata: {${data}}\n`;
  await k.run('create -f -', map('a: b, c: d'));
  const file = join(k.server.dataDirectory, 'last.yaml');
  writeFileSync(file, map('a: b, c: d'));
  await k.run(`apply set-last-applied -f ${file} --create-annotation`);
  assert.match(await k.run('apply view-last-applied configmap/last'), /data:\n {2}a: b\n {2}c: d\n/);
  await k.run('apply -f -', map('a: b'));
  assert.equal(await k.run("get configmap last -o jsonpath='{.data}'"), '{"a":"b"}');
});

k.test('wait --for=create sees what comes later, and gives up on what does not', async () => {
  const waited = k.run('wait --for=create configmap/later --timeout=30s');
  await k.run('create configmap later --from-literal=a=b');
  assert.match(await waited, /configmap\/later condition met/);
  assert.match(await k.fails('wait --for=create configmap/never --timeout=1s'), /not found|timed out/);
});

k.test(
  'services of every type are made with the addresses and ports that Kubernetes would give',
  async () => {
    await k.run('create service clusterip inner --tcp=80:8080');
    await k.run('create service externalname outer --external-name=db.example');
    await k.run('create service nodeport ported --tcp=80');
    await k.run('create service loadbalancer balanced --tcp=80');
    const shown = await k.run('get services');
    assert.match(shown, /inner +ClusterIP +10\.\d+\.\d+\.\d+ +<none> +80\/TCP/);
    assert.match(shown, /outer +ExternalName +<none> +db\.example +<none>/);
    assert.match(shown, /ported +NodePort +10\.\S+ +<none> +80:3\d{4}\/TCP/);
    assert.match(shown, /balanced +LoadBalancer +10\.\S+ +<pending> +80:3\d{4}\/TCP/);
  },
);
