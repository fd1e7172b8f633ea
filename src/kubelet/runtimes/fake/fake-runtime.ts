import { PassThrough } from 'node:stream';
import type { Clock, Timer } from '../../../apimachinery/clock.ts';
import type { PortConnection, RemoteProcess, WantedStreams } from '../../../apimachinery/streaming/index.ts';
import type { Container, ContainerConfig, ContainerStatus } from '../container.ts';
import { demandRunning } from '../demand-running.ts';
import { fitsContainer, fitsSandbox } from '../filter.ts';
import { POD_UID_LABEL } from '../labels.ts';
import { RuntimeListeners } from '../listeners.ts';
import { NO_IMAGES } from '../no-images.ts';
import type { Runtime, RuntimeEvent, RuntimeFilter, WrittenFiles } from '../runtime.ts';
import { RuntimeError } from '../runtime-error.ts';
import type { Sandbox, SandboxConfig, SandboxStatus } from '../sandbox.ts';
import type { TextMap } from '../text-map.ts';
import { parseGoDuration } from './duration.ts';

/** How long a container runs. */
const DURATION = 'fake.longshore.dev/duration';
/** What a container ends with, 0 to 255. */
const EXIT_CODE = 'fake.longshore.dev/exit-code';
/** What a container that was asked to end ends with: 128 + SIGTERM. */
const STOPPED_EXIT_CODE = 143;

/** A runtime on that clock; see the door. */
export function newFakeRuntime(clock: Clock): Runtime {
  return new FakeRuntime(clock);
}

type Changing<T> = { -readonly [Key in keyof T]: T[Key] };

interface FakeSandbox {
  readonly status: Changing<SandboxStatus>;
  readonly containers: Set<string>;
}

interface FakeContainer {
  readonly status: Changing<ContainerStatus>;
  readonly pod: TextMap;
  timer?: Timer;
}

class FakeRuntime implements Runtime {
  readonly traits = {
    name: 'fake',
    files: false,
    images: false,
    podAddresses: false,
    lasting: false,
    cgroupParents: 'none' as const,
    notesStarts: true,
    joinsCgroups: false,
    seesMounts: true,
    features: { supplementalGroupsPolicy: false, recursiveReadOnlyMounts: false, userNamespaces: [] },
    warnings: [],
  };
  readonly images = NO_IMAGES;
  readonly #clock: Clock;
  readonly #sandboxes = new Map<string, FakeSandbox>();
  readonly #containers = new Map<string, FakeContainer>();
  readonly #listeners = new RuntimeListeners();
  #ids = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async version() {
    return { name: 'fake', version: '1', apiVersion: 'v1' };
  }

  async status() {
    return { ready: true, networkReady: true };
  }

  async runPodSandbox(config: SandboxConfig): Promise<string> {
    const id = this.#newId();
    const { metadata, labels, annotations } = config;
    this.#sandboxes.set(id, {
      status: { id, metadata, labels, annotations, state: 'ready', createdAt: this.#clock.now(), ips: [] },
      containers: new Set(),
    });
    return id;
  }

  async stopPodSandbox(id: string): Promise<void> {
    const sandbox = this.#sandboxes.get(id);
    if (sandbox === undefined) return;
    sandbox.status.state = 'notready';
    for (const container of sandbox.containers) this.#end(container, 137);
  }

  async removePodSandbox(id: string): Promise<void> {
    await this.stopPodSandbox(id);
    for (const container of this.#sandboxes.get(id)?.containers ?? []) this.#containers.delete(container);
    this.#sandboxes.delete(id);
  }

  async podSandboxStatus(id: string): Promise<SandboxStatus> {
    return { ...this.#sandbox(id).status };
  }

  async abandonedSandboxes(): Promise<readonly Sandbox[]> {
    return []; // Nobody else uses what is this process's own.
  }

  async listPodSandboxes(filter: RuntimeFilter = {}): Promise<readonly Sandbox[]> {
    return [...this.#sandboxes.values()]
      .map(({ status }) => ({ ...status }))
      .filter((each) => fitsSandbox(filter, each));
  }

  async createContainer(sandboxId: string, config: ContainerConfig): Promise<string> {
    const sandbox = this.#sandbox(sandboxId);
    if (sandbox.status.state !== 'ready') {
      throw new RuntimeError('Failed', `sandbox container ${sandboxId} is not running`);
    }
    const { metadata, image, imageRef, labels, annotations } = config;
    const id = this.#newId();
    sandbox.containers.add(id);
    this.#containers.set(id, {
      pod: sandbox.status.annotations,
      status: {
        id,
        sandboxId,
        metadata,
        image,
        imageRef,
        labels,
        annotations,
        state: 'created',
        createdAt: this.#clock.now(),
        startedAt: 0,
        finishedAt: 0,
        exitCode: 0,
        reason: '',
        message: '',
      },
    });
    return id;
  }

  async startContainer(id: string): Promise<void> {
    const container = this.#container(id);
    const { status, pod } = container;
    if (status.state !== 'created') {
      throw new RuntimeError('Failed', `container ${id} is in ${status.state} state, not in created state`);
    }
    status.state = 'running';
    status.startedAt = this.#clock.now();
    const { [DURATION]: duration = '0', [EXIT_CODE]: exitCode = '0' } = pod;
    if (duration === 'forever') return;
    const runs = parseGoDuration(duration);
    if (runs === undefined || !/^\d{1,3}$/.test(exitCode) || Number(exitCode) > 255) {
      this.#end(
        id,
        128,
        'StartError',
        `annotation ${DURATION} or ${EXIT_CODE} of the pod cannot be understood`,
      );
    } else if (runs === 0) this.#end(id, Number(exitCode));
    else
      container.timer = this.#clock.after(runs, () => this.#end(id, Number(exitCode)), { background: true });
  }

  async stopContainer(id: string): Promise<void> {
    this.#end(id, STOPPED_EXIT_CODE);
  }

  async removeContainer(id: string): Promise<void> {
    const container = this.#containers.get(id);
    if (container === undefined) return;
    this.#end(id, 137);
    this.#containers.delete(id);
    this.#sandboxes.get(container.status.sandboxId)?.containers.delete(id);
  }

  async containerStatus(id: string): Promise<ContainerStatus> {
    return { ...this.#container(id).status };
  }

  async listContainers(filter: RuntimeFilter = {}): Promise<readonly Container[]> {
    return [...this.#containers.values()]
      .map(({ status }) => ({ ...status }))
      .filter((each) => fitsContainer(filter, each));
  }

  async execSync() {
    return { exitCode: 0, stdout: new Uint8Array(), stderr: new Uint8Array() };
  }

  async exec(id: string, command: readonly string[], wanted: WantedStreams): Promise<RemoteProcess> {
    demandRunning(this.#container(id).status.state);
    return echo(wanted, Buffer.from(`${command.join(' ')}\n`));
  }

  async attach(id: string, wanted: WantedStreams): Promise<RemoteProcess> {
    demandRunning(this.#container(id).status.state);
    return echo(wanted, Buffer.alloc(0));
  }

  async portForward(sandboxId: string): Promise<PortConnection> {
    const { state } = this.#sandbox(sandboxId).status;
    if (state !== 'ready') throw new RuntimeError('Failed', `sandbox container ${sandboxId} is not running`);
    return new PassThrough();
  }

  async updateContainerResources(): Promise<void> {
    // Nothing uses anything.
  }

  async reopenContainerLog(): Promise<void> {
    // Nothing is logged, so there is no file to reopen.
  }

  async written(): Promise<ReadonlyMap<string, WrittenFiles>> {
    return new Map(); // What is written is the machine's own.
  }

  onEvent(listener: (event: RuntimeEvent) => void): () => void {
    return this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    for (const { timer } of this.#containers.values()) timer?.cancel();
    this.#listeners.close();
  }

  #end(id: string, exitCode: number, reason = exitCode === 0 ? 'Completed' : 'Error', message = ''): void {
    const container = this.#containers.get(id);
    if (container === undefined || container.status.state === 'exited') return;
    container.timer?.cancel();
    const { status } = container;
    Object.assign(status, { state: 'exited', finishedAt: this.#clock.now(), exitCode, reason, message });
    this.#listeners.tell({ podUid: status.labels[POD_UID_LABEL] ?? '', containerId: id, status });
  }

  #newId(): string {
    return (++this.#ids).toString(16).padStart(16, '0');
  }

  #sandbox(id: string): FakeSandbox {
    const sandbox = this.#sandboxes.get(id);
    if (sandbox === undefined) throw new RuntimeError('NotFound', `sandbox ${id} does not exist`);
    return sandbox;
  }

  #container(id: string): FakeContainer {
    const container = this.#containers.get(id);
    if (container === undefined) throw new RuntimeError('NotFound', `container ${id} does not exist`);
    return container;
  }
}

/** A process that says something and then what it is told, and ends with its input. */
function echo(wanted: WantedStreams, greeting: Buffer): RemoteProcess {
  const through = new PassThrough();
  through.write(greeting);
  if (!wanted.stdin) through.end();
  if (!wanted.stdout) through.resume();
  const exit = new Promise<number>((resolve) => {
    through.once('close', () => resolve(0));
  });
  return {
    ...(wanted.stdin ? { stdin: through } : {}),
    ...(wanted.stdout ? { stdout: through } : {}),
    resize: () => {},
    exit,
    close: () => void through.destroy(),
  };
}
