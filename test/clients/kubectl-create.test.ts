/** What kubectl makes without a manifest, and what it shows of each kind: create, run, expose, get, describe. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubectlSession } from '../harness/kubectl-session.ts';

const k = new KubectlSession();

k.test('create makes each kind that it has a word for, and describe tells of it', async () => {
  await k.run('create namespace made');
  const commands: readonly (readonly [line: string, created: string, described: RegExp])[] = [
    ['configmap cm --from-literal=colour=blue', 'configmap/cm', /colour:\n----\nblue/],
    ['secret generic hidden --from-literal=word=abc', 'secret/hidden', /word: +3 bytes/],
    [
      'secret docker-registry registry --docker-server=r.example --docker-username=u --docker-password=p',
      'secret/registry',
      /kubernetes\.io\/dockerconfigjson/,
    ],
    ['serviceaccount bot', 'serviceaccount/bot', /^Name: +bot$/m],
    [
      'role reader --verb=get,list --resource=pods,jobs.batch',
      'role.rbac.authorization.k8s.io/reader',
      /jobs\.batch/,
    ],
    [
      'rolebinding readers --role=reader --serviceaccount=made:bot',
      'rolebinding.rbac.authorization.k8s.io/readers',
      /ServiceAccount +bot +made/,
    ],
    ['quota bounds --hard=pods=50,secrets=20', 'resourcequota/bounds', /^Name: +bounds$/m],
    [
      'poddisruptionbudget budget --selector=app=x --min-available=1',
      'poddisruptionbudget.policy/budget',
      /app=x/,
    ],
    ['service clusterip front --tcp=80:8080', 'service/front', /TargetPort: +8080\/TCP/],
    ['job once --image=busybox -- true', 'job.batch/once', /Completions: +1/],
    [
      "cronjob daily --image=busybox --schedule='0 3 * * *' -- true",
      'cronjob.batch/daily',
      /Schedule: +0 3 \* \* \*/,
    ],
  ];
  for (const [line, created, described] of commands) {
    assert.equal(await k.run(`-n made create ${line}`), `${created} created\n`);
    assert.match(await k.run(`-n made describe ${created}`), described, line);
  }
});

k.test('create secret tls takes a key with its certificate, and no other key', async () => {
  const file = (name: string): string => join(k.server.dataDirectory, name);
  const view = 'config view --raw -o';
  const data = async (field: string): Promise<Buffer> =>
    Buffer.from(await k.run(`${view} jsonpath={.users[0].user.client-${field}-data}`), 'base64');
  writeFileSync(file('c.crt'), await data('certificate'));
  writeFileSync(file('c.key'), await data('key'));
  await k.run(`create secret tls pair --cert=${file('c.crt')} --key=${file('c.key')}`);
  assert.match(await k.run('get secret pair'), /^pair +kubernetes\.io\/tls +2 /m);
  const kept = Buffer.from(
    await k.run(['get', 'secret', 'pair', '-o', 'jsonpath={.data.tls\\.key}']),
    'base64',
  );
  assert.ok(kept.equals(await data('key')));
});

k.test('run --expose makes a pod and a service that leads to it', async () => {
  await k.run('run web --image=busybox --port=8080 --expose --command -- sleep 1000');
  await k.run('wait --for=condition=Ready pod/web --timeout=60s');
  const ready = '{.endpoints[0].conditions.ready} {.endpoints[0].targetRef.name} {.ports[0].port}';
  const slice = 'endpointslice -l kubernetes.io/service-name=web';
  await k.run(`wait --for=jsonpath={.endpoints[0].conditions.ready}=true ${slice} --timeout=60s`);
  assert.equal(await k.run(`get ${slice} -o jsonpath='{range .items[*]}${ready}{end}'`), 'true web 8080');
  await k.run('delete pod,service web --now');
});

k.test('create makes the kinds without a namespace', async () => {
  await k.run('create clusterrole node-reader --verb=get --resource=nodes');
  await k.run('create clusterrolebinding ada --clusterrole=node-reader --user=ada');
  await k.run('create priorityclass urgent --value=1000 --description=soon');
  assert.match(await k.run('describe clusterrole node-reader'), /nodes +\[\] +\[\] +\[get\]/);
  assert.match(await k.run('describe clusterrolebinding ada'), /User +ada/);
  assert.match(await k.run('describe priorityclass urgent'), /^Value: +1000$/m);
});

k.test('describe tells of the kinds that have no command of their own', async () => {
  const objects: readonly (readonly [manifest: object, described: RegExp])[] = [
    [
      {
        apiVersion: 'v1',
        kind: 'LimitRange',
        metadata: { name: 'd' },
        spec: { limits: [{ type: 'PersistentVolumeClaim', max: { storage: '1Gi' } }] },
      },
      /PersistentVolumeClaim +storage +- +1Gi/,
    ],
    [
      {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name: 'd' },
        spec: {
          accessModes: ['ReadWriteOnce'],
          capacity: { storage: '1Mi' },
          hostPath: { path: '/tmp/none' },
        },
      },
      /Path: +\/tmp\/none/,
    ],
    [
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'd' },
        spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Gi' } } },
      },
      /VolumeMode: +Filesystem/,
    ],
    [
      { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'd' }, handler: 'runc' },
      /Handler: +runc/,
    ],
    [
      {
        apiVersion: 'v1',
        kind: 'PodTemplate',
        metadata: { name: 'd' },
        template: { spec: { containers: [{ name: 'main', image: 'busybox' }] } },
      },
      /Image: +busybox/,
    ],
    [
      {
        apiVersion: 'v1',
        kind: 'Endpoints',
        metadata: { name: 'd' },
        subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }],
      },
      /Addresses: +10\.0\.0\.1/,
    ],
    [
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: 'd' },
        addressType: 'IPv4',
        endpoints: [{ addresses: ['10.0.0.2'] }],
        ports: [{ port: 80 }],
      },
      /- Addresses: +10\.0\.0\.2/,
    ],
    [
      {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'd' },
        spec: { holderIdentity: 'me', leaseDurationSeconds: 10 },
      },
      /Holder Identity: +me/,
    ],
  ];
  for (const [manifest, described] of objects) {
    const { kind } = manifest as { kind: string };
    await k.run('create -f -', JSON.stringify(manifest));
    assert.match(await k.run(`describe ${kind.toLowerCase()} d`), described, kind);
    assert.match(await k.run(`get ${kind.toLowerCase()} d -o wide`), /^NAME/, kind);
  }
});

k.test('create job --from runs a CronJob by hand, and the Job belongs to it', async () => {
  await k.run("create cronjob source --image=busybox --schedule='0 0 1 1 *' -- sh -c 'echo by hand'");
  await k.run('create job by-hand --from=cronjob/source');
  await k.run('wait --for=condition=complete job/by-hand --timeout=60s');
  assert.equal(await k.run('logs job/by-hand'), 'by hand\n');
  const job = JSON.parse(await k.run('get job by-hand -o json')) as {
    metadata: {
      annotations: Record<string, string>;
      ownerReferences: { name: string; controller: boolean }[];
    };
  };
  assert.equal(job.metadata.annotations['cronjob.kubernetes.io/instantiate'], 'manual');
  assert.deepEqual(
    job.metadata.ownerReferences.map(({ name, controller }) => [name, controller]),
    [['source', true]],
  );
});

k.test('run makes a pod, wait --for=jsonpath sees it end, expose makes a service of it', async () => {
  await k.run("run runner --image=busybox --restart=Never --labels=app=runner --command -- sh -c 'echo ran'");
  await k.run("wait --for=jsonpath='{.status.phase}'=Succeeded pod/runner --timeout=60s");
  assert.equal(await k.run('logs runner'), 'ran\n');
  await k.run('expose pod runner --port=80 --name=exposed');
  assert.equal(await k.run('get service exposed -o jsonpath={.spec.selector.app}'), 'runner');
  assert.match(await k.run('events --for pod/runner'), /Successfully assigned default\/runner/);
});

k.test('get prints every form that kubectl has', async () => {
  for (const name of ['b', 'a', 'c']) await k.run(`create configmap form-${name} --from-literal=n=${name}`);
  await k.run('label configmap form-a form-b form-c form=yes');
  const get = (rest: string): Promise<string> => k.run(`get cm -l form=yes ${rest}`);
  assert.equal(await get('-o name'), 'configmap/form-a\nconfigmap/form-b\nconfigmap/form-c\n');
  assert.equal(await get("-o go-template='{{range .items}}{{.data.n}}{{end}}'"), 'abc');
  assert.equal(await get("-o jsonpath='{.items[*].data.n}'"), 'a b c');
  assert.match(await get('-o custom-columns=N:.data.n --no-headers'), /^a\nb\nc\n$/);
  assert.match(await get('--show-labels'), /^form-a +1 +\d+s +form=yes$/m);
  assert.match(await get('-L form'), /^NAME +DATA +AGE +FORM\nform-a +1 +\d+s +yes$/m);
  assert.match(await get("--sort-by='{.metadata.creationTimestamp}' -o name"), /form-b[\s\S]*form-c/);
  assert.equal(await get('--chunk-size=1 -o name'), await get('-o name'));
  assert.match(await get('-o wide --show-kind'), /^configmap\/form-a /m);
  assert.match(await get('-o yaml'), /^kind: List$/m);
  assert.match(await k.run('get cm -A --field-selector metadata.name=form-b'), /^default +form-b +1/m);
  assert.match(
    await k.fails('get jobs --field-selector spec.colour=blue'),
    /field label "spec\.colour" not supported for Job/,
  );
  await k.follow('get cm form-a --watch --output-watch-events', /^ADDED +form-a/m);
});

k.test('get all shows what belongs to the category, and names nobody knows are refused', async () => {
  await k.run('create job listed --image=busybox -- true');
  await k.run('wait --for=condition=complete job/listed --timeout=60s');
  const all = await k.run('get all');
  assert.match(all, /^pod\/listed-/m);
  assert.match(all, /^job\.batch\/listed +Complete/m);
  assert.doesNotMatch(all, /^configmap/m);
  assert.match(await k.fails('get nothing'), /the server doesn't have a resource type "nothing"/);
  assert.match(await k.fails('get deployments'), /the server doesn't have a resource type "deployments"/);
});
