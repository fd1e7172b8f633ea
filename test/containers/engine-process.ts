/** What every engine of a test's own needs: a network that no other has, a wait until it answers, and an end that leaves nothing. */
import { type ChildProcess, execFileSync, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { unmountBelow } from '../harness/owner-remains.ts';

/** Milliseconds between two looks whether an engine answers. */
const LOOK_MS = 50;

/** A private network of 256 addresses, without its last part (`10.1.2`): one of many, so that test files side by side rarely choose the same. */
export function randomNetwork(): string {
  return `10.${randomInt(100, 250)}.${randomInt(0, 256)}`;
}

/** Writes a CNI configuration of a bridge with a random network, which it answers, to that file; which addresses are taken is kept in that directory. */
export function writeBridgeNetwork(file: string, name: string, bridge: string, directory: string): string {
  const subnet = `${randomNetwork()}.0/24`;
  const plugin = {
    type: 'bridge',
    bridge,
    isGateway: true,
    ipMasq: false,
    ipam: {
      type: 'host-local',
      ranges: [[{ subnet }]],
      routes: [{ dst: '0.0.0.0/0' }],
      dataDir: join(directory, 'addresses'),
    },
  };
  writeFileSync(file, JSON.stringify({ cniVersion: '0.4.0', name, plugins: [plugin] }));
  return subnet;
}

/** Makes that directory a disk in memory, with those options of tmpfs(5). {@link clearAway} unmounts it. */
export function mountDisk(directory: string, options: string): void {
  mkdirSync(directory);
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', directory]);
}

/** Asks until the engine answers something; rejects once it has ended, or not answered for `patienceMs` milliseconds. */
export async function untilReady<Answer>(
  name: string,
  daemon: ChildProcess,
  patienceMs: number,
  ask: () => Promise<Answer | undefined>,
): Promise<Answer> {
  for (const end = Date.now() + patienceMs; ; ) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    if (daemon.exitCode !== null) throw new Error(`${name} ended with ${daemon.exitCode}`);
    if (Date.now() > end) throw new Error(`${name} is not ready`);
    await pause(LOOK_MS);
  }
}

/** Sends that signal and waits for the end; nothing where it has ended already. */
export async function end(daemon: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return;
  const ended = new Promise((resolve) => daemon.once('exit', resolve));
  daemon.kill(signal);
  await ended;
}

/** Kills those processes; one that has ended by itself is fine. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

/** Removes what an engine that has ended left: its mounts, its bridge and its directory. */
export function clearAway(directory: string, bridge: string): void {
  unmountBelow(directory);
  spawnSync('ip', ['link', 'delete', bridge]);
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}
