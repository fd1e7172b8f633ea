/** Machines on a network of their own: network namespaces behind a bridge, each with one address. Needs root. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import type { TestContext } from 'node:test';
import { requireProgram, unmet } from './requirement.ts';
import { LONGSHORE } from './server.ts';

/** Whether this machine lets a test make networks. */
export function requireNetworks(test: TestContext): boolean {
  if (!requireProgram(test, 'ip', 'apt-get install iproute2')) return false;
  if (!requireProgram(test, 'nsenter', 'apt-get install util-linux')) return false;
  const name = `lsprobe${process.pid}`;
  if (spawnSync('ip', ['netns', 'add', name]).status !== 0) {
    return unmet(test, 'network namespaces cannot be made here: run as root');
  }
  spawnSync('ip', ['netns', 'del', name]);
  return true;
}

function ip(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}

/** A machine in that network. */
export interface TestMachine {
  readonly name: string;
  readonly address: string;
  /** Cuts its cable, or mends it. */
  link(state: 'up' | 'down'): void;
  /** Lets this machine itself find the addresses of a network behind that one, such as its pods'. @param subnet `10.1.2.0/24` */
  leadTo(subnet: string): void;
  /** What to run for a program there, and with what arguments. Mounts are those of this machine itself. */
  inside(program: string, args: readonly string[]): readonly [program: string, args: readonly string[]];
  /** Starts `longshore` there and resolves with the process when it says that it is ready. @param env added to this process's own. */
  longshore(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<ChildProcess>;
}

let networks = 0;

/** See the file's head. Disposing removes everything, and ends what still runs there. */
export class TestNetwork {
  /** Where a server for these machines listens. */
  readonly address: string;
  readonly #id: string;
  readonly #bridge: string;
  readonly #prefix: string;
  readonly #machines: string[] = [];
  readonly #links: string[] = [];
  readonly #processes = new Set<ChildProcess>();

  constructor() {
    // Two tests at the same time get different networks.
    networks += 1;
    const third = (process.pid + networks) % 250;
    const second = (Math.floor(process.pid / 250) % 100) + 100;
    this.#prefix = `10.${second}.${third}`;
    this.address = `${this.#prefix}.1`;
    this.#id = `${process.pid}${String.fromCharCode(97 + (networks % 26))}`;
    this.#bridge = `lsbr${this.#id}`;
    ip('link', 'add', this.#bridge, 'type', 'bridge');
    ip('addr', 'add', `${this.address}/24`, 'dev', this.#bridge);
    ip('link', 'set', this.#bridge, 'up');
  }

  /** Adds a machine. */
  machine(): TestMachine {
    const number = this.#machines.length + 2;
    const name = `ls${this.#id}n${number}`;
    const outer = `lv${this.#id}n${number}`;
    this.#links.push(outer);
    const address = `${this.#prefix}.${number}`;
    ip('netns', 'add', name);
    this.#machines.push(name);
    ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    ip('link', 'set', outer, 'master', this.#bridge, 'up');
    ip('-n', name, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
    ip('-n', name, 'link', 'set', 'eth0', 'up');
    ip('-n', name, 'link', 'set', 'lo', 'up');
    const inside: TestMachine['inside'] = (program, args) => [
      'nsenter',
      [`--net=/var/run/netns/${name}`, program, ...args],
    ];
    return {
      name,
      address,
      link: (state) => ip('link', 'set', outer, state),
      leadTo: (subnet) => ip('route', 'add', subnet, 'via', address),
      inside,
      longshore: (args, env) => this.#start(inside, args, env),
    };
  }

  /** Starts `longshore` on this machine itself, which has the network's first address. */
  longshore(args: readonly string[]): Promise<ChildProcess> {
    return this.#start((program, words) => [program, words], args);
  }

  async #start(
    inside: TestMachine['inside'],
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): Promise<ChildProcess> {
    const [program, words] = inside(process.execPath, [LONGSHORE, ...args]);
    const child = spawn(program, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.#processes.add(child);
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    await new Promise<void>((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        if (/^ready /m.test(text)) resolve();
      });
      child.once('close', (code) => {
        this.#processes.delete(child);
        reject(new Error(`longshore ${args[0]} ended with ${code}: ${said}`));
      });
    });
    return child;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const running = [...this.#processes];
    await Promise.all(
      running.map((child) => {
        const ended = new Promise((resolve) => child.once('close', resolve));
        child.kill('SIGTERM');
        return ended;
      }),
    );
    for (const name of this.#machines) {
      // Pods outlive their agent; these have nobody left who would end them.
      const { stdout } = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' });
      for (const pid of stdout.split('\n').filter((each) => each !== '')) {
        try {
          process.kill(Number(pid), 'SIGKILL');
        } catch {
          // It has ended meanwhile.
        }
      }
    }
    for (const link of this.#links) ip('link', 'del', link);
    for (const name of this.#machines) ip('netns', 'del', name);
    ip('link', 'del', this.#bridge);
  }
}
