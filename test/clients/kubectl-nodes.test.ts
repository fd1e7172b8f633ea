/** What kubectl, and those who watch over a cluster, ask of a node through the API server. */
import assert from 'node:assert/strict';
import { systemClock } from '../../src/apimachinery/clock.ts';
import { Cgroups } from '../../src/kubelet/cgroups/index.ts';
import { KubectlSession } from '../harness/kubectl-session.ts';
import { poll } from '../harness/poll.ts';

const k = new KubectlSession(['--runtime', 'process']);

/** The path to the node's agent. */
async function proxy(port = ''): Promise<string> {
  const node = await k.run("get nodes -o jsonpath='{.items[0].metadata.name}'");
  return `/api/v1/nodes/${node}${port}/proxy`;
}

/** A pod that works without a pause. */
async function busyPod(name: string): Promise<void> {
  await k.run([
    'run',
    name,
    '--image=none',
    '--command',
    '--',
    'sh',
    '-c',
    'echo begun; while :; do :; done',
  ]);
  await k.run(`wait --for=condition=Ready pod/${name} --timeout=30s`);
}

/** Whether this machine lets a node agent count what its pods use. */
async function counts(): Promise<boolean> {
  return (await Cgroups.find(systemClock)) !== undefined;
}

k.test(
  'a node tells through the API server that it lives, its pods, their logs and its settings',
  async () => {
    await busyPod('told');
    const to = await proxy();
    assert.equal(await k.run(`get --raw ${to}/healthz`), 'ok');
    assert.match(
      await k.run(`get --raw ${to}/healthz?verbose`),
      /^\[\+\]ping ok\n.*healthz check passed\n$/s,
    );
    const { kind, items } = JSON.parse(await k.run(`get --raw ${to}/pods`));
    assert.equal(kind, 'PodList');
    assert.deepEqual(
      items.map(({ metadata, status }: never) => [metadata['name'], status['phase']]),
      [['told', 'Running']],
    );
    assert.equal(await k.run(`get --raw ${to}/containerLogs/default/told/told`), 'begun\n');
    const { kubeletconfig } = JSON.parse(await k.run(`get --raw ${await proxy(':10250')}/configz`));
    assert.equal(kubeletconfig.maxPods, 110);
    assert.equal(kubeletconfig.evictionHard['memory.available'], '100Mi');
    const metrics = await k.run(`get --raw ${to}/metrics`);
    assert.match(metrics, /^kubelet_running_pods 1$/m);
    assert.match(metrics, /^kubelet_running_containers\{container_state="running"\} 1$/m);
    assert.match(metrics, /^process_resident_memory_bytes \d+$/m);
    await k.run('delete pod told --now');
    assert.match(
      await k.run(`get --raw ${to}/metrics`),
      /^kubelet_terminated_containers_total\{container_type="container",exit_code="\d+",reason="\w+"\} 1$/m,
    );
  },
);

k.test('a pod for a label that the node was given a moment ago runs there', async () => {
  const node = await k.run("get nodes -o jsonpath='{.items[0].metadata.name}'");
  await k.run(`label node ${node} disk=ssd`);
  const overrides = '--overrides={"spec":{"nodeSelector":{"disk":"ssd"}}}';
  await k.run(['run', 'chosen', '--image=none', '--restart=Never', overrides, '--command', '--', 'true']);
  await k.run('wait --for=jsonpath={.status.phase}=Succeeded pod/chosen --timeout=30s');
  await k.run('delete pod chosen --now');
  await k.run(`label node ${node} disk-`);
});

k.test('what is not there, or not to be had, is refused in the words of Kubernetes', async () => {
  const to = await proxy();
  assert.match(await k.fails(`get --raw ${to}/logs/`), /MethodNotAllowed/);
  assert.match(await k.fails(`get --raw ${to}/nothing`), /NotFound/);
  assert.match(
    await k.fails(`get --raw /api/v1/nodes/nowhere/proxy/pods`),
    /\(NotFound\): nodes "nowhere" not found/,
  );
  assert.match(
    await k.fails(`get --raw /api/v1/nodes/ftp:n:1/proxy/pods`),
    /\(BadRequest\): invalid node request "ftp:n:1"/,
  );
  await k.run('create serviceaccount scraper');
  const scraper = '--as=system:serviceaccount:default:scraper';
  assert.match(
    await k.fails(`get --raw ${to}/metrics/resource ${scraper}`),
    /\(Forbidden\): .* cannot get resource "nodes\/proxy" in API group "" at the cluster scope/,
  );
  await k.run('create clusterrole scraper --verb=get --resource=nodes/proxy');
  await k.run('create clusterrolebinding scraper --clusterrole=scraper --serviceaccount=default:scraper');
  assert.match(await k.run(`get --raw ${to}/metrics/resource ${scraper}`), /node_cpu_usage_seconds_total/);
});

k.test('what a pod uses is measured, for Prometheus and in the summary', async (t) => {
  if (!(await counts())) return t.skip('the control groups of this machine cannot be changed');
  await busyPod('busy');
  const to = await proxy();
  const cpuSeconds =
    /^container_cpu_usage_seconds_total\{container="busy",namespace="default",pod="busy"\} ([\d.]+) \d{13}$/m;
  await poll('a tenth of a second of work', async () => {
    const [, seconds] = cpuSeconds.exec(await k.run(`get --raw ${to}/metrics/resource`)) ?? [];
    return Number(seconds) > 0.1;
  });
  const text = await k.run(`get --raw ${to}/metrics/resource`);
  assert.match(text, /^# TYPE container_memory_working_set_bytes gauge$/m);
  assert.match(text, /^pod_memory_working_set_bytes\{namespace="default",pod="busy"\} [1-9]\d+ \d{13}$/m);
  assert.match(text, /^container_start_time_seconds\{.*pod="busy"\} \d{10}(\.\d+)?$/m);
  assert.match(text, /^resource_scrape_error 0$/m);
  const cadvisor = await k.run(`get --raw ${to}/metrics/cadvisor`);
  assert.match(
    cadvisor,
    /^container_cpu_usage_seconds_total\{container="busy",cpu="total",id="\/.+",image="none",/m,
  );
  assert.match(cadvisor, /^machine_memory_bytes [1-9]\d+$/m);

  const summary = JSON.parse(await k.run(`get --raw ${to}/stats/summary`));
  assert.ok(summary.node.cpu.usageNanoCores > 0 && summary.node.memory.availableBytes > 0);
  assert.ok(summary.node.fs.capacityBytes > summary.node.fs.availableBytes);
  const [pod] = summary.pods;
  assert.deepEqual([summary.pods.length, pod.podRef.name, pod.containers[0].name], [1, 'busy', 'busy']);
  // One processor at most, shared with whatever else this machine does.
  const { usageNanoCores } = pod.containers[0].cpu;
  assert.ok(usageNanoCores > 5e6 && usageNanoCores < 1.5e9, `${usageNanoCores} nanocores`);
  assert.ok(pod.containers[0].memory.workingSetBytes > 0 && pod.containers[0].logs.usedBytes > 0);
  const plain = JSON.parse(await k.run(`get --raw ${to}/stats/summary?only_cpu_and_memory=true`));
  assert.deepEqual([plain.node.fs, plain.pods[0].containers[0].logs], [undefined, undefined]);
  await k.run('delete pod busy --now');
});

k.test('top tells what nodes and pods use, to whoever may look at them', async (t) => {
  if (!(await counts())) return t.skip('the control groups of this machine cannot be changed');
  await k.run([
    'run',
    'busy',
    '--image=none',
    '-l',
    'app=a',
    '--command',
    '--',
    'sh',
    '-c',
    'while :; do :; done',
  ]);
  await k.run('wait --for=condition=Ready pod/busy --timeout=30s');
  // Nobody has looked before: it takes a second, and answers at the first time.
  const [, cores] = /^busy +(\d+)m +\d+Mi *$/m.exec(await k.run('top pod')) ?? [];
  // One processor at most, shared with whatever else this machine does.
  assert.ok(Number(cores) > 5 && Number(cores) < 1_500, `${cores}m`);
  assert.match(await k.run('top node'), /^\S+ +\d+m +\d+% +\d+Mi +\d+% *$/m);
  assert.match(await k.run('top pod busy --containers'), /^busy +busy +\d+m +\d+Mi *$/m);
  assert.equal(await k.run('top pod -l app=b'), '');
  const { metadata, window, containers } = JSON.parse(await k.run('get podmetrics busy -o json'));
  assert.deepEqual([metadata.name, metadata.labels, containers[0].name], ['busy', { app: 'a' }, 'busy']);
  assert.match(window, /^[\d.]+s$/);
  assert.match(containers[0].usage.memory, /^\d+Ki$/);
  assert.match(await k.fails('get podmetrics nothing'), /\(NotFound\): pods "nothing" not found/);
  assert.match(await k.fails('delete podmetrics busy'), /MethodNotAllowed/);
  assert.match(await k.fails('get podmetrics -w'), /MethodNotAllowed/);
  assert.match(await k.run('explain podmetrics.containers.usage'), /cpu/);

  await k.run('create serviceaccount looker');
  const looker = '--as=system:serviceaccount:default:looker';
  assert.match(await k.fails(`top pod ${looker}`), /Forbidden/);
  await k.run('create rolebinding looker --clusterrole=view --serviceaccount=default:looker');
  assert.match(await k.run(`top pod ${looker}`), /^busy /m);
  await k.run('delete pod busy --now');
  await poll(
    'the pod is gone from what is used',
    async () => !(await k.run('get podmetrics')).includes('busy'),
  );
});
