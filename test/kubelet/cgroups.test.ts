/** Control groups of this machine, in whichever version it has them. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/apimachinery/clock.ts';
import { Cgroups } from '../../src/kubelet/cgroups/index.ts';
import { processesWith } from '../containers/leftovers.ts';
import { poll } from '../harness/poll.ts';
import { unmet } from '../harness/requirement.ts';

const TOP = `/longshore-test-${process.pid}`;
const LIMITS = { cpuShares: 1024, cpuQuota: 50_000, memoryLimit: 64 << 20 };

interface Started {
  readonly cgroups: Cgroups;
  /** By which signal the script's process ended. */
  readonly ended: Promise<NodeJS.Signals | null>;
}

/** The groups, with one made below {@link TOP} that holds what that script starts. */
async function started(t: TestContext, script: string, more: object = {}): Promise<Started | undefined> {
  const cgroups = await Cgroups.find(systemClock);
  if (cgroups === undefined) {
    unmet(t, 'this process may not make control groups: run it as root on Linux');
    return undefined;
  }
  await cgroups.make(`${TOP}/pod`, { ...LIMITS, ...more });
  t.after(() => cgroups.remove(TOP));
  const files = await cgroups.makeLeaf(`${TOP}/pod/run`, { ...LIMITS, cpuShares: 2 });
  const join = files.map((file) => `echo $$ >${file}`).join(' && ');
  const child = spawn('sh', ['-c', `${join} && ${script}`], { stdio: 'ignore' });
  t.after(() => child.kill('SIGKILL'));
  return { cgroups, ended: new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal))) };
}

test('a group counts what runs below it, and is removed with all of it, also with what goes on starting processes', async (t) => {
  const seconds = String(3e8 + process.pid);
  // Each has a session of its own, so that nothing but the group holds them together.
  const made = await started(t, `while :; do setsid sleep ${seconds} & sleep 0.005; done`);
  if (made === undefined) return;
  const { cgroups } = made;
  const sleepers = (): readonly number[] => processesWith((_, args) => args.includes(seconds));
  await poll('some run', () => sleepers().length > 20);
  const used = await cgroups.usage(`${TOP}/pod`);
  assert.ok(used !== undefined && used.cpuSeconds > 0, JSON.stringify(used));
  assert.ok((await cgroups.memoryUse(`${TOP}/pod`)) > 100_000);
  assert.deepEqual(await cgroups.children(`${TOP}/pod`), ['run']);
  assert.ok((await cgroups.taskCount(`${TOP}/pod`)) > 20);
  await cgroups.remove(`${TOP}/pod`);
  assert.equal(await cgroups.has(`${TOP}/pod`), false);
  assert.deepEqual(sleepers(), []);
});

test('a group has no more tasks than it may', async (t) => {
  const seconds = String(4e8 + process.pid);
  const made = await started(t, `for i in $(seq 40); do sleep ${seconds} & done; exec sleep ${seconds}`, {
    tasksMax: 10,
  });
  if (made === undefined) return;
  // A shell that cannot start another process gives up, and its place is free again.
  await made.ended;
  await poll('nine run', () => processesWith((_, args) => args.includes(seconds)).length === 9);
  assert.equal(await made.cgroups.taskCount(`${TOP}/pod`), 9);
});

test('what a group may not exceed is held, and that the kernel killed for it is told', async (t) => {
  const made = await started(t, 'exec tail /dev/zero');
  if (made === undefined) return;
  const { cgroups, ended } = made;
  assert.equal(await ended, 'SIGKILL');
  const { peakMemoryBytes = 0, oomKills } = (await cgroups.usage(`${TOP}/pod/run`)) ?? {};
  assert.ok(peakMemoryBytes > 32 << 20 && peakMemoryBytes <= LIMITS.memoryLimit, String(peakMemoryBytes));
  assert.equal(oomKills, 1);
});
