/** A Docker Engine of the test's own: its data, state, socket, bridge and containerd are nobody else's, and vanish with it. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { EngineClient } from '../../src/kubelet/runtimes/docker/engine-client.ts';
import { requireProgram, unmet } from '../harness/requirement.ts';
import { type DockerEngine, type EngineProgram, startEngine } from './docker-engine.ts';
import { clearAway, end, killAll, randomNetwork } from './engine-process.ts';
import { processesWith } from './leftovers.ts';
import { BY_SYSTEMD } from './programs.ts';

/** What it needs, with what to do where it is missing. */
const NEEDS: readonly (readonly [path: string, hint: string])[] = [
  ['dockerd', 'apt-get install docker.io'],
  ['containerd', 'apt-get install containerd'],
  ['runc', 'apt-get install runc'],
  ['ip', 'apt-get install iproute2'],
  ['/bin/busybox', 'apt-get install busybox-static'],
];

/** Whether an engine can run here; otherwise the test is skipped, or fails where nothing may skip. */
export function requireDockerd(test: TestContext): boolean {
  if (process.getuid?.() !== 0) return unmet(test, 'only root can start a dockerd');
  return NEEDS.every(([program, hint]) => requireProgram(test, program, hint));
}

/** Starts one, with those further options, and waits until it answers. */
export function startDockerd(options: readonly string[] = []): Promise<DockerEngine> {
  // Sockets have short paths, and the engine makes one far down.
  const directory = mkdtempSync(join(tmpdir(), 'ls-docker-'));
  const bridge = `ld${directory.slice(-6).toLowerCase()}`;
  const endpoint = join(directory, 'docker.sock');
  const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: 'ignore' });
  ip('link', 'add', bridge, 'type', 'bridge');
  ip('address', 'add', `${randomNetwork()}.1/24`, 'dev', bridge);
  ip('link', 'set', bridge, 'up');
  const args = [
    ['--data-root', join(directory, 'root')],
    ['--exec-root', join(directory, 'run')],
    ['--pidfile', join(directory, 'pid')],
    ['--host', `unix://${endpoint}`],
    ['--bridge', bridge],
    ['--iptables=false', '--ip6tables=false', '--ip-forward=false', '--ip-masq=false'],
    BY_SYSTEMD ? ['--exec-opt', 'native.cgroupdriver=systemd'] : [],
    hasOption('--oom-score-adjust') ? ['--oom-score-adjust', '0'] : [],
  ];
  const program: EngineProgram = {
    name: 'dockerd',
    directory,
    endpoint,
    launch: (log, more) => spawn('dockerd', [...args.flat(), ...more], { stdio: ['ignore', log, log] }),
    killed: () => dropContainerd(directory),
    async remove(daemon, client) {
      if (client !== undefined) await removeContainers(client).catch(() => undefined); // The rest is cleared below.
      await end(daemon, 'SIGTERM');
      client?.close();
      killAll(processesOf(directory));
      clearAway(directory, bridge);
    },
  };
  return startEngine(program, options);
}

/** Continuous integration may run without CAP_SYS_RESOURCE; engines up to 24 want more than that unless they are told not to. */
function hasOption(option: string): boolean {
  return execFileSync('dockerd', ['--help'], { encoding: 'utf8' }).includes(option);
}

/** The kernel kills an engine's containerd with it; where nobody buries that process, the next engine takes it for alive. */
function dropContainerd(directory: string): void {
  const file = join(directory, 'run/containerd/containerd.pid');
  killAll([Number(readFileSync(file, 'utf8'))]);
  rmSync(file);
}

async function removeContainers(client: EngineClient): Promise<void> {
  const found = await client.get<readonly { readonly Id: string }[]>('/containers/json', { all: true });
  await Promise.all(found.map(({ Id }) => client.delete(`/containers/${Id}`, { force: true, v: true })));
}

/** Process ids of the shims, proxies and the containerd that an engine left behind: they name its directory. */
function processesOf(directory: string): number[] {
  const ofIts = (arg: string): boolean => arg.startsWith(`${directory}/`);
  return processesWith((program, args) => /containerd/.test(program) && args.some(ofIts));
}
