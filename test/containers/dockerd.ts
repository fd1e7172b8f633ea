/** A Docker Engine of the test's own: its data, state, socket, bridge and containerd are nobody else's, and vanish with it. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { systemClock } from '../../src/apimachinery/clock.ts';
import { EngineClient } from '../../src/kubelet/runtimes/docker/engine-client.ts';
import { requireProgram, unmet } from '../harness/requirement.ts';
import './programs.ts';
import { mountsBelow, processesWith } from './leftovers.ts';

/** How long the engine may take to answer on a loaded machine, milliseconds. */
const START_MS_MAX = 60_000;

/** See the file's head. */
export interface Dockerd {
  /** Path of its socket. */
  readonly endpoint: string;
  /** A directory that is removed with it. */
  readonly directory: string;
  /** Loads a docker archive. */
  load(archive: string): Promise<void>;
  /** A request to it. */
  readonly client: EngineClient;
  /** Ends it with that signal, leaves it away while `meanwhile` runs, and starts it again with those further options. */
  restart(
    signal: NodeJS.Signals,
    meanwhile?: () => Promise<void> | void,
    options?: readonly string[],
  ): Promise<void>;
  /** Ends and removes everything that it made. Idempotent. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

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
export async function startDockerd(options: readonly string[] = []): Promise<Dockerd> {
  // Sockets have short paths, and the engine makes one far down.
  const directory = mkdtempSync(join(tmpdir(), 'ls-docker-'));
  const bridge = `ld${directory.slice(-6).toLowerCase()}`;
  const endpoint = join(directory, 'docker.sock');
  const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: 'ignore' });
  ip('link', 'add', bridge, 'type', 'bridge');
  // One of many private networks, so that test files running side by side rarely choose the same.
  ip('address', 'add', `10.${randomInt(100, 250)}.${randomInt(0, 256)}.1/24`, 'dev', bridge);
  ip('link', 'set', bridge, 'up');
  const log = openSync(join(directory, 'dockerd.log'), 'w');
  const args = [
    ['--data-root', join(directory, 'root')],
    ['--exec-root', join(directory, 'run')],
    ['--pidfile', join(directory, 'pid')],
    ['--host', `unix://${endpoint}`],
    ['--bridge', bridge],
    ['--iptables=false', '--ip6tables=false', '--ip-forward=false', '--ip-masq=false'],
    hasOption('--oom-score-adjust') ? ['--oom-score-adjust', '0'] : [],
  ];
  const launch = (more: readonly string[]): ChildProcess =>
    spawn('dockerd', [...args.flat(), ...more], { stdio: ['ignore', log, log] });
  let daemon = launch(options);
  let client: EngineClient | undefined;
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= remove({ directory, bridge, daemon }, client).finally(() => closeSync(log));
    return stopping;
  };
  try {
    client = await untilReady(endpoint, daemon);
    const opened = client;
    return {
      endpoint,
      directory,
      client,
      async load(archive) {
        await opened.follow('/images/load', { quiet: true }, readFileSync(archive));
      },
      async restart(signal, meanwhile, others = options) {
        await ended(daemon, signal);
        if (signal === 'SIGKILL') dropContainerd(directory);
        await meanwhile?.();
        daemon = launch(others);
        (await untilReady(endpoint, daemon)).close();
      },
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    const said = readFileSync(join(directory, 'dockerd.log'), 'utf8').slice(-2000);
    await stop();
    throw new Error(`dockerd did not start: ${said}`, { cause: error });
  }
}

/** Continuous integration may run without CAP_SYS_RESOURCE; engines up to 24 want more than that unless they are told not to. */
function hasOption(option: string): boolean {
  return execFileSync('dockerd', ['--help'], { encoding: 'utf8' }).includes(option);
}

async function untilReady(endpoint: string, daemon: ChildProcess): Promise<EngineClient> {
  for (const end = Date.now() + START_MS_MAX; ; ) {
    try {
      if (existsSync(endpoint)) return await EngineClient.open(endpoint, systemClock);
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    if (daemon.exitCode !== null) throw new Error(`dockerd ended with ${daemon.exitCode}`);
    if (Date.now() > end) throw new Error('dockerd is not ready');
    await pause(50);
  }
}

interface Remains {
  readonly directory: string;
  readonly bridge: string;
  readonly daemon: ChildProcess;
}

async function remove(
  { directory, bridge, daemon }: Remains,
  client: EngineClient | undefined,
): Promise<void> {
  if (client !== undefined) await removeContainers(client).catch(() => undefined); // The rest is cleared below.
  await ended(daemon, 'SIGTERM');
  client?.close();
  for (const pid of processesOf(directory)) kill(pid);
  for (const place of mountsBelow(directory)) spawnSync('umount', ['--lazy', place]);
  spawnSync('ip', ['link', 'delete', bridge]);
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}

/** The kernel kills an engine's containerd with it; where nobody buries that process, the next engine takes it for alive. */
function dropContainerd(directory: string): void {
  const file = join(directory, 'run/containerd/containerd.pid');
  kill(Number(readFileSync(file, 'utf8')));
  rmSync(file);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

async function ended(daemon: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return;
  const over = new Promise((resolve) => daemon.once('exit', resolve));
  daemon.kill(signal);
  await over;
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

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
