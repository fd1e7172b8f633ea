import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod, PodSpec } from '../../apis/core/types.ts';
import { silent } from '../../client/testing/silent-log.ts';
import type { DiskAmount, DiskUse } from './disk-use.ts';
import { EvictionManager } from './eviction-manager.ts';
import { brokenLimit, hasLocalLimits } from './local-limits.ts';
import { observe } from './observe.ts';
import { evictionMessage, ranked } from './rank.ts';
import { metThresholds, type Observations, parseThresholds } from './thresholds.ts';

const MIB = 1 << 20;
function pod(name: string, spec: Partial<PodSpec> = {}): DeepReadonly<Pod> {
  const full = { containers: [{ name: 'c', image: 'i' }], ...spec };
  return { metadata: { name, uid: name }, spec: full, status: {} } as unknown as DeepReadonly<Pod>;
}

const requesting = (memory: string): Partial<PodSpec> => ({
  containers: [{ name: 'c', image: 'i', resources: { requests: { memory } } }],
});

const use = (of: DeepReadonly<Pod>, total: number) => ({
  pod: of,
  total,
  containers: new Map([['c', total]]),
});

interface Written {
  readonly written?: number;
  readonly logs?: number;
}

/** What a pod takes in MiB. */
function taking(
  volumes: Readonly<Record<string, number>>,
  containers: Readonly<Record<string, Written>>,
): DiskUse {
  const amount = (mib = 0): DiskAmount => ({ bytes: mib * MIB, inodes: 1 });
  return {
    volumes: new Map(Object.entries(volumes).map(([name, mib]) => [name, amount(mib)])),
    containers: new Map(
      Object.entries(containers).map(([name, { written, logs }]) => [
        name,
        { written: amount(written), logs: amount(logs) },
      ]),
    ),
  };
}

test('a threshold is met below its amount or share, that of memory first', () => {
  const thresholds = parseThresholds('nodefs.available<10%,memory.available<100Mi,nodefs.inodesFree<5%');
  const observed: Observations = new Map([
    ['memory.available', { available: 99 * MIB, capacity: 1000 * MIB }],
    ['nodefs.available', { available: 99, capacity: 1000 }],
    ['nodefs.inodesFree', { available: 50, capacity: 1000 }],
  ]);
  const met = metThresholds(thresholds, observed).map(({ signal }) => signal);
  assert.deepEqual(met, ['memory.available', 'nodefs.available']);
  assert.throws(() => parseThresholds('memory.free<1'), /^Error: 'memory.free<1': use memory\.available,/);
});

test('the first to go is over its request, of low priority, and furthest over it', () => {
  const uses = [
    use(pod('within', requesting('100Mi')), 90 * MIB),
    use(pod('important', { priority: 10 }), 500 * MIB),
    use(pod('small'), 5 * MIB),
    use(pod('large'), 50 * MIB),
    use(pod('critical', { priority: 2_000_000_000 }), 900 * MIB),
  ];
  const order = ranked(uses, 'memory').map((each) => each.pod.metadata.name);
  assert.deepEqual(order, ['large', 'small', 'important', 'within']);
});

test('an eviction says what ran short and who used it', () => {
  const [threshold] = parseThresholds('memory.available<10%');
  assert.ok(threshold);
  const observed: Observations = new Map([
    ['memory.available', { available: 50 * MIB, capacity: 1000 * MIB }],
  ]);
  assert.equal(
    evictionMessage(use(pod('p', requesting('10Mi')), 20 * MIB), threshold, observed),
    'The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. Container c was using 20Mi, request is 10Mi, has larger consumption of memory. ',
  );
});

test('short of tasks, priority comes before how many a pod has, and the message counts in decimals', () => {
  const [threshold] = parseThresholds('pid.available<1k');
  assert.ok(threshold);
  const counted = (of: DeepReadonly<Pod>, total: number) => ({ pod: of, total, containers: new Map() });
  const uses = [
    counted(pod('important', { priority: 10 }), 900),
    counted(pod('idle'), 0),
    counted(pod('forks'), 300),
    counted(pod('critical', { priority: 2_000_000_000 }), 5000),
  ];
  const order = ranked(uses, 'pids').map((each) => each.pod.metadata.name);
  assert.deepEqual(order, ['forks', 'idle', 'important']);
  const told = (of: string, available: number): string => {
    const [one] = parseThresholds(of);
    assert.ok(one && uses[2]);
    return evictionMessage(uses[2], one, new Map([[one.signal, { available, capacity: 32_768 }]]));
  };
  assert.equal(
    told('pid.available<1k', 900),
    'The node was low on resource: pids. Threshold quantity: 1k, available: 900. ',
  );
  assert.equal(
    told('pid.available<50%', 2000),
    'The node was low on resource: pids. Threshold quantity: 16Ki, available: 2k. ',
  );
  assert.equal(
    told('nodefs.inodesFree<2k', 1024),
    'The node was low on resource: inodes. Threshold quantity: 2k, available: 1024. ',
  );
});

test('a node that is short of tasks takes no pod but critical ones', async () => {
  const clock = new VirtualClock();
  const manager = new EvictionManager({
    clock,
    log: silent,
    events: { event: () => {} },
    thresholds: parseThresholds('pid.available<100'),
    transitionMs: 60_000,
    observe: async () => new Map([['pid.available', { available: 99, capacity: 32_768 }]]),
    pods: () => [],
    imagesApart: async () => false,
    reclaim: () => Promise.reject(new Error('there is nothing of them on a disk')),
    attempting: () => {},
    changed: () => {},
  });
  await manager.start();
  assert.deepEqual([...manager.pressures], ['PIDPressure']);
  const message = 'The node had condition: [PIDPressure]. ';
  assert.deepEqual(manager.admit(pod('modest', requesting('1Mi'))), { reason: 'Evicted', message });
  assert.equal(manager.admit(pod('critical', { priority: 2_000_000_000 })), undefined);
  manager.stop();
});

test('the kernel tells how many more tasks it takes', async () => {
  const tasks = (await observe('/')).get('pid.available');
  if (process.platform !== 'linux') {
    assert.equal(tasks, undefined);
    return;
  }
  assert.ok(tasks !== undefined && tasks.available > 0 && tasks.available < tasks.capacity);
});

test('limits of local storage hold for volumes, containers and the pod as a whole', () => {
  const limited = pod('p', {
    containers: [{ name: 'c', image: 'i', resources: { limits: { 'ephemeral-storage': '2Mi' } } }],
    volumes: [{ name: 'v', emptyDir: { sizeLimit: '1Mi' } }],
  });
  assert.equal(hasLocalLimits(limited), true);
  assert.equal(hasLocalLimits(pod('q')), false);
  const broken = (volume: number, container: number): string | undefined =>
    brokenLimit(limited, taking({ v: volume }, { c: { written: container } }), false);
  assert.equal(broken(0.5, 1), undefined);
  assert.equal(broken(1.5, 0), 'Usage of EmptyDir volume "v" exceeds the limit "1Mi". ');
  assert.equal(
    broken(1, 1.5),
    'Pod ephemeral local storage usage exceeds the total limit of containers 2Mi. ',
  );
});

test('a container has its own limit beside the one of all that run at one time', () => {
  const limits = (limit: string) => ({ resources: { limits: { 'ephemeral-storage': limit } } });
  const limited = pod('p', {
    initContainers: [
      { name: 's', image: 'i', restartPolicy: 'Always', ...limits('3Mi') },
      { name: 'i', image: 'i', ...limits('4Mi') },
    ],
    containers: [
      { name: 'a', image: 'i', ...limits('1Mi') },
      { name: 'b', image: 'i', ...limits('1Mi') },
    ],
    volumes: [{ name: 'm', emptyDir: { medium: 'Memory' } }],
  });
  const own = 'Container a exceeded its local ephemeral storage limit "1Mi". ';
  const use = taking({ m: 100 }, { s: { written: 4 }, a: { written: 0.5, logs: 1 }, b: {} });
  assert.equal(brokenLimit(limited, use, false), own);
  assert.equal(brokenLimit(limited, use, true), undefined, 'what it wrote lies on the disk of images');
  assert.equal(brokenLimit(limited, taking({}, { a: { logs: 1.5 } }), true), own);
  assert.equal(
    brokenLimit(limited, taking({}, { s: { written: 6.5 }, a: { written: 1 } }), false),
    'Pod ephemeral local storage usage exceeds the total limit of containers 7Mi. ',
  );
});

test('what has run short decides which disk is cleared, and whose use of it counts', async () => {
  const amount = (bytes: number, inodes: number) => ({ bytes, inodes });
  const use = (volume: DiskAmount, written: DiskAmount): DiskUse => ({
    volumes: new Map([['v', volume]]),
    containers: new Map([['c', { logs: amount(0, 1), written }]]),
  });
  const uses = new Map([
    ['many', use(amount(10, 5000), amount(1, 1))],
    ['large', use(amount(5000, 10), amount(2, 2))],
    ['writes', use(amount(1, 1), amount(4000, 3000))],
  ]);
  const evictedFor = async (signal: string, apart: boolean): Promise<readonly (string | undefined)[]> => {
    const done: string[] = [];
    const [one] = parseThresholds(`${signal}<10`);
    assert.ok(one);
    const manager = new EvictionManager({
      clock: new VirtualClock(),
      log: silent,
      events: { event: (_object, _type, _reason, message) => void done.push(message) },
      thresholds: [one],
      transitionMs: 60_000,
      observe: async () => new Map([[one.signal, { available: 9, capacity: 32_768 }]]),
      imagesApart: async () => apart,
      pods: () =>
        [...uses].map(([name, taken]) => ({
          pod: pod(name),
          memoryUse: () => Promise.reject(new Error('memory is not short')),
          diskUse: async () => taken,
          taskCount: () => Promise.reject(new Error('tasks are not short')),
          evict: () => void done.unshift(name),
        })),
      reclaim: async () => void done.push('images'),
      attempting: () => {},
      changed: () => {},
    });
    await manager.start();
    manager.stop();
    assert.deepEqual([...manager.pressures], ['DiskPressure']);
    return done;
  };
  const low = (resource: string, used = ''): string =>
    `The node was low on resource: ${resource}. Threshold quantity: 10, available: 9. ${used}`;
  const using = (bytes: string): string =>
    `Container c was using ${bytes}, request is 0, has larger consumption of ephemeral-storage. `;
  const bytes = (used: string): string => low('ephemeral-storage', using(used));
  assert.deepEqual(await evictedFor('nodefs.available', true), ['large', bytes('2')]);
  assert.deepEqual(await evictedFor('nodefs.inodesFree', true), ['many', low('inodes')]);
  assert.deepEqual(await evictedFor('imagefs.available', true), ['writes', 'images', bytes('4000')]);
  assert.deepEqual(await evictedFor('imagefs.inodesFree', true), ['writes', 'images', low('inodes')]);
  assert.deepEqual(await evictedFor('nodefs.available', false), ['large', 'images', bytes('2')]);
});

test('a node that is short evicts one pod a look, says so, and takes only what it may', async () => {
  const clock = new VirtualClock();
  let available = 50 * MIB;
  let changes = 0;
  const evicted: string[] = [];
  const attempts: string[] = [];
  const running = [pod('a'), pod('b')];
  const manager = new EvictionManager({
    clock,
    log: silent,
    events: { event: () => {} },
    thresholds: parseThresholds('memory.available<100Mi'),
    transitionMs: 60_000,
    observe: async () => new Map([['memory.available', { available, capacity: 1000 * MIB }]]),
    pods: () =>
      running
        .filter(({ metadata }) => !evicted.includes(metadata.name))
        .map((each) => ({
          pod: each,
          memoryUse: async () => use(each, each.metadata.name === 'b' ? 2 : 1),
          diskUse: async () => ({ volumes: new Map(), containers: new Map() }),
          taskCount: async () => (each.metadata.name === 'b' ? 2 : 1),
          evict: () => void evicted.push(each.metadata.name),
        })),
    imagesApart: async () => false,
    reclaim: async () => {},
    attempting: (resource) => void attempts.push(resource),
    changed: () => {
      changes += 1;
    },
  });
  await manager.start();
  assert.deepEqual(evicted, ['b']);
  assert.deepEqual(attempts, ['memory']);
  assert.deepEqual([...manager.pressures], ['MemoryPressure']);
  assert.deepEqual(manager.admit(pod('late')), {
    reason: 'Evicted',
    message: 'The node had condition: [MemoryPressure]. ',
  });
  assert.equal(manager.admit(pod('modest', requesting('1Mi'))), undefined);
  const tolerations = [{ key: 'node.kubernetes.io/memory-pressure', operator: 'Exists' as const }];
  assert.equal(manager.admit(pod('tolerant', { tolerations })), undefined);
  available = 500 * MIB;
  // A clock that is set back meanwhile makes that while no longer.
  clock.setWall(clock.now() - 3_600_000);
  await clock.advance(50_000);
  assert.deepEqual(evicted, ['b']);
  assert.equal(manager.pressures.size, 1, 'it is told for a while after it has gone');
  await clock.advance(20_000);
  assert.equal(manager.pressures.size, 0);
  assert.equal(changes, 2);
  manager.stop();
  assert.equal(clock.pending, 0);
});
