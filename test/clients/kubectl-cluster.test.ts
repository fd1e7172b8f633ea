/** kubectl about the cluster itself: discovery, nodes, permissions, tokens, the proxy, what it cannot have. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { KubectlSession } from '../harness/kubectl-session.ts';

const k = new KubectlSession();

k.test('api-resources, api-versions, version and cluster-info answer from discovery', async () => {
  const wide = await k.run('api-resources -o wide');
  const verbs = 'create,delete,deletecollection,get,list,patch,update,watch';
  assert.match(wide, new RegExp(`^cronjobs +cj +batch/v1 +true +CronJob +${verbs} +all$`, 'm'));
  assert.match(wide, /^namespaces +ns +v1 +false +Namespace +create,delete,get,list,patch,update,watch +$/m);
  assert.match(
    wide,
    /^selfsubjectreviews +authentication\.k8s\.io\/v1 +false +SelfSubjectReview +create +$/m,
  );
  const all = await k.run('api-resources --categories=all -o name');
  assert.equal(all, 'pods\nservices\ncronjobs.batch\njobs.batch\n');
  assert.match(await k.run('api-versions'), /^batch\/v1\n[\s\S]*^v1\n$/m);
  assert.match(await k.run('version'), /Server Version: v1\.36\./);
  assert.match(await k.run('cluster-info'), /is running at/);
});

k.test('get cs shows the parts of the control plane, and warns that nobody should ask', async () => {
  assert.match(
    await k.run('get cs'),
    /^NAME +STATUS +MESSAGE +ERROR *\ncontroller-manager +Healthy +ok *\nscheduler +Healthy +ok *\netcd-0 +Healthy +ok *\n$/,
  );
  const { stderr } = await k.server.kubectl(['get', 'cs', 'scheduler']);
  assert.match(stderr, /^Warning: v1 ComponentStatus is deprecated in v1\.19\+$/m);
  const watch = await k.server.kubectl(['get', 'endpoints', '--watch-only', '--request-timeout=1s']);
  assert.match(watch.stderr, /^Warning: v1 Endpoints is deprecated in v1\.33\+; use discovery/m);
});

k.test('get --raw reads any path, and says what is not there', async () => {
  assert.equal(await k.run('get --raw /readyz'), 'ok');
  assert.match(await k.run('get --raw /livez?verbose'), /\[\+\]ping ok[\s\S]*livez check passed/);
  const group = JSON.parse(await k.run('get --raw /apis/batch')) as { preferredVersion: object };
  assert.deepEqual(group.preferredVersion, { groupVersion: 'batch/v1', version: 'v1' });
  const { paths } = JSON.parse(await k.run('get --raw /')) as { paths: string[] };
  assert.deepEqual(
    ['/api/v1', '/apis/batch/v1', '/openapi/v3', '/readyz'].filter((path) => !paths.includes(path)),
    [],
  );
  const hash = (path: string): Promise<string> =>
    k
      .run(`get --raw ${path}`)
      .then((text) => /"name":"events",.*?"storageVersionHash":"([^"]+)"/.exec(text)?.[1] ?? '');
  assert.equal(await hash('/apis/events.k8s.io/v1'), await hash('/api/v1'), 'events are stored once');
  assert.match(await k.fails('get --raw /api/v1/namespaces/default/pods/none'), /pods "none" not found/);
  assert.match(await k.fails('get --raw /nowhere'), /could not find the requested resource/);
});

k.test('cordon keeps pods away, drain evicts what runs, and taints are set and removed', async () => {
  const node = (await k.run("get nodes -o jsonpath='{.items[0].metadata.name}'")).trim();
  await k.run('create job drained --image=busybox -- sleep 300');
  await k.run("wait --for=jsonpath='{.status.ready}'=1 job/drained --timeout=60s");
  assert.match(
    await k.run(`drain ${node} --dry-run=server`),
    /evicting pod default\/drained-\w+ \(server dry run\)/,
  );
  assert.match(await k.run(`drain ${node} --ignore-daemonsets --grace-period=1 --timeout=60s`), /drained$/m);
  assert.match(await k.run('get nodes'), /Ready,SchedulingDisabled/);
  await k.run('delete job drained');
  await k.run('run later --image=busybox --command -- sleep 300');
  await k.run("wait --for=jsonpath='{.status.conditions[0].reason}'=Unschedulable pod/later --timeout=60s");
  await k.run(`uncordon ${node}`);
  await k.run('wait --for=condition=Ready pod/later --timeout=60s');
  await k.run('delete pod later --now');
  await k.run(`taint node ${node} kept=away:NoSchedule`);
  assert.match(
    await k.fails(`taint node ${node} kept=away:NoSchedule`),
    /already has kept taint\(s\) with same effect/,
  );
  assert.match(await k.run(`get node ${node} -o jsonpath={.spec.taints}`), /"key":"kept"/);
  await k.run(`taint node ${node} kept-`);
  assert.match(await k.run(`describe node ${node}`), /^Taints: +<none>$/m);
});

k.test('drain waits for a budget that allows no disruption', async () => {
  const node = (await k.run("get nodes -o jsonpath='{.items[0].metadata.name}'")).trim();
  await k.run('run guarded --image=busybox --labels=app=guarded --command -- sleep 300');
  await k.run('wait --for=condition=Ready pod/guarded --timeout=60s');
  await k.run('create poddisruptionbudget guard --selector=app=guarded --min-available=1');
  await k.run("wait --for=jsonpath='{.status.currentHealthy}'=1 pdb/guard --timeout=60s");
  const refused = await k.fails(`drain ${node} --force --timeout=6s --pod-selector=app=guarded`);
  assert.match(refused, /Cannot evict pod as it would violate the pod's disruption budget/);
  await k.run(`uncordon ${node}`);
  await k.run('delete pod guarded --now');
  await k.run('delete poddisruptionbudget guard');
});

k.test('managed fields name those who set them as Kubernetes does', async () => {
  const managers = async (object: string): Promise<string[]> => {
    const { metadata } = JSON.parse(await k.run(`get ${object} --show-managed-fields -o json`)) as {
      metadata: { managedFields: { manager: string; subresource?: string }[] };
    };
    return metadata.managedFields.map(({ manager, subresource = '' }) => `${manager}/${subresource}`).sort();
  };
  await k.run('run kept --image=busybox --labels=app=kept --command -- sleep 300');
  await k.run('wait --for=condition=Ready pod/kept --timeout=60s');
  assert.deepEqual(await managers('pod/kept'), ['kubectl-run/', 'kubelet/status']);
  await k.run('create poddisruptionbudget kept --selector=app=kept --min-available=0');
  await k.run("wait --for=jsonpath='{.status.currentHealthy}'=1 pdb/kept --timeout=60s");
  const own = ['kube-controller-manager/status', 'kubectl-create/'];
  assert.deepEqual(await managers('pdb/kept'), own);
  const path = '/api/v1/namespaces/default/pods/kept/eviction';
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'kept' } };
  await k.run(`create --raw ${path} -f -`, JSON.stringify(eviction));
  assert.ok((await managers('pdb/kept')).includes('kube-apiserver/status'));
  await k.run('run nowhere --image=busybox --overrides={"spec":{"nodeSelector":{"no":"where"}}}');
  await k.run("wait --for=jsonpath='{.status.conditions[0].reason}'=Unschedulable pod/nowhere --timeout=60s");
  assert.deepEqual(await managers('pod/nowhere'), ['kube-scheduler/status', 'kubectl-run/']);
  await k.run('delete pod kept nowhere --now --ignore-not-found');
  await k.run('delete pdb kept');
});

k.test('auth can-i and whoami answer for oneself and for others', async () => {
  await k.run('create serviceaccount auditor');
  await k.run('create role audit --verb=get,list --resource=jobs.batch');
  await k.run('create rolebinding audits --role=audit --serviceaccount=default:auditor');
  const as = '--as=system:serviceaccount:default:auditor';
  assert.equal(await k.run("auth can-i '*' '*'"), 'yes\n');
  assert.equal(await k.run(`auth can-i list jobs.batch ${as}`), 'yes\n');
  const { code, stdout } = await k.server.kubectl(['auth', 'can-i', 'delete', 'jobs.batch', as]);
  assert.deepEqual([code, stdout], [1, 'no\n']);
  assert.match(await k.run(`auth can-i --list ${as}`), /^jobs\.batch +\[\] +\[\] +\[get list\]$/m);
  assert.match(
    await k.fails(`delete job any ${as}`),
    /jobs\.batch "any" is forbidden: User "system:serviceaccount:default:auditor" cannot delete resource "jobs" in API group "batch" in the namespace "default"/,
  );
  assert.match(await k.run(`auth whoami -o yaml ${as}`), /username: system:serviceaccount:default:auditor/);
});

k.test('create token makes a token with which kubectl is that account', async () => {
  await k.run('create serviceaccount robot');
  const token = (await k.run('create token robot --duration=10m')).trim();
  assert.match(token, /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/);
  const config = ['--kubeconfig=/dev/null', `--server=${k.server.url}`, '--insecure-skip-tls-verify'];
  const who = await k.server.kubectl([...config, `--token=${token}`, 'auth', 'whoami']);
  assert.match(who.stdout, /system:serviceaccount:default:robot/, who.stderr);
  const request = JSON.parse(await k.run('create token robot --audience=vault -o json')) as {
    spec: { audiences: string[] };
  };
  assert.deepEqual(request.spec.audiences, ['vault']);
  assert.match(await k.fails('create token nobody'), /serviceaccounts "nobody" not found/);
  assert.match(
    await k.fails('create token robot --duration=1m'),
    /may not specify a duration less than 10 minutes/,
  );
});

k.test('proxy leads to the server without credentials of the client', async () => {
  const args = ['--kubeconfig', k.server.kubeconfig, 'proxy', '--port=0'];
  const proxy = spawn('kubectl', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const port = await new Promise<string>((resolve, reject) => {
      createInterface({ input: proxy.stdout }).on('line', (line) => {
        const found = /^Starting to serve on 127\.0\.0\.1:(\d+)$/.exec(line)?.[1];
        if (found !== undefined) resolve(found);
      });
      proxy.once('close', (code) => reject(new Error(`kubectl proxy ended with ${code}`)));
    });
    const namespaces = await fetch(`http://127.0.0.1:${port}/api/v1/namespaces/default`);
    assert.equal(((await namespaces.json()) as { kind: string }).kind, 'Namespace');
    const made = await fetch(`http://127.0.0.1:${port}/api/v1/namespaces/default/configmaps`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ metadata: { name: 'through-the-proxy' } }),
    });
    assert.equal(made.status, 201);
  } finally {
    const ended = new Promise((resolve) => proxy.once('close', resolve));
    proxy.kill();
    await ended;
  }
});

k.test('what a batch cluster does not have is refused as any cluster without it would', async () => {
  await k.run('create job fixed --image=busybox -- true');
  assert.match(await k.fails('scale job fixed --replicas=2'), /could not find the requested resource/);
  assert.match(await k.fails('autoscale job fixed --max=3'), /could not find scale subresource/);
  assert.match(
    await k.fails('rollout status job/fixed'),
    /no status viewer has been implemented for Job\.batch/,
  );
  assert.match(await k.fails('create deployment web --image=web'), /could not find the requested resource/);
  const deployment = '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"}}';
  assert.match(
    await k.fails('apply -f -', deployment),
    /no matches for kind "Deployment" in version "apps\/v1"/,
  );
});
