/** Measures what the node, its pods and their containers use, when somebody asks. */
import { uptime } from 'node:os';
import { type Clock, sleep } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod } from '../../apis/core/types.ts';
import type {
  Consumption,
  ContainerConsumption,
  DiskRoom,
  NodeConsumption,
  PodConsumption,
} from '../../apis/metrics/index.ts';
import type { PodGroups, RunName } from '../cgroups/index.ts';
import type { DiskUse } from '../eviction/index.ts';
import type { ContainerRecord, PodView } from '../pod/pod-view.ts';
import type { PodDirectories } from '../pod-directories.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import { diskRoom, machineCpuSeconds, machineMemory } from './machine-consumption.ts';
import { podDiskUse } from './pod-disk-use.ts';
import { type Count, RATE_MS_MIN, Rates } from './rates.ts';

/** Milliseconds for which what pods take of the disk is not measured again: it means to walk through all their files (the kubelet's volume-stats-agg-period). */
const DISK_MS = 60_000;

/** A pod that this node looks after. */
interface MeasuredPod {
  readonly uid: string;
  readonly pod: DeepReadonly<Pod>;
  readonly view: PodView;
}

/** What it depends on. */
export interface UsageMeterOptions {
  readonly clock: Clock;
  readonly nodeName: string;
  readonly runtime: Runtime;
  readonly directories: PodDirectories;
  /** Absent where nothing counts what pods use. */
  groups(): PodGroups | undefined;
  pods(): Iterable<MeasuredPod>;
}

/** What to measure beside processor time and memory. */
export interface UsageWish {
  /** Averages of processors: where nobody has looked before, this takes a second. Default false. */
  readonly rates?: boolean;
  /** What is taken of disks. Default false. */
  readonly disk?: boolean;
}

/** See the file's head. */
export class UsageMeter {
  readonly #options: UsageMeterOptions;
  readonly #rates = new Rates();
  /** By the uid of the pod, since `#diskAt`. */
  #disk: ReadonlyMap<string, DiskUse> = new Map();
  #diskAt = -Infinity;

  constructor(options: UsageMeterOptions) {
    this.#options = options;
  }

  /** What is used now. Pods of which nothing runs are left out. */
  async read({ rates = false, disk = false }: UsageWish = {}): Promise<NodeConsumption> {
    const found = await this.#measure();
    const isWhole = consumptionsOf(found).every((each) => each.rate !== undefined);
    if (rates && !isWhole) await sleep(this.#options.clock, RATE_MS_MIN);
    const usage = rates && !isWhole ? await this.#measure() : found;
    return disk ? this.#withDisk(usage) : usage;
  }

  async #measure(): Promise<NodeConsumption> {
    const { clock, nodeName } = this.#options;
    const counts: Count[] = [];
    const counted = (key: string, measured: Omit<Consumption, 'time' | 'rate'>): Consumption => {
      const count = { key, time: clock.now(), cpuSeconds: measured.cpuSeconds };
      counts.push(count);
      const rate = this.#rates.of(count);
      return { ...measured, time: count.time, ...(rate === undefined ? {} : { rate }) };
    };
    const { memoryAvailableBytes, ...memory } = await machineMemory();
    const use = counted('', { cpuSeconds: machineCpuSeconds(), ...memory });
    const pods: PodConsumption[] = [];
    for (const each of this.#options.pods()) {
      const pod = await this.#measurePod(each, counted);
      if (pod.containers.length > 0) pods.push(pod);
    }
    this.#rates.note(counts);
    return { name: nodeName, bootedAt: clock.now() - uptime() * 1000, use, memoryAvailableBytes, pods };
  }

  async #measurePod(
    { uid, pod, view }: MeasuredPod,
    counted: (key: string, measured: Omit<Consumption, 'time' | 'rate'>) => Consumption,
  ): Promise<PodConsumption> {
    const groups = this.#options.groups();
    const measure = async (key: string, run?: RunName): Promise<{ readonly use?: Consumption }> => {
      const found = await groups?.consumption(pod, run);
      if (found === undefined) return {};
      const { path: group, ...measured } = found;
      return { use: counted(key, { ...measured, group }) };
    };
    const containers: ContainerConsumption[] = [];
    for (const { spec, run } of view.containers.filter(isRunning)) {
      const { id, attempt, startedAt } = run;
      const measured = await measure(`${uid} ${id}`, { container: spec.name, attempt });
      containers.push({ name: spec.name, startedAt, id, image: spec.image ?? '', ...measured });
    }
    const { name, namespace = '' } = pod.metadata;
    const startedAt = Date.parse(pod.status.startTime ?? pod.metadata.creationTimestamp);
    const together = containers.length === 0 ? {} : await measure(uid);
    return { namespace, name, uid, startedAt, containers, ...together };
  }

  /** Undefined where there are none, where they are on no disk that is seen from here, and while the runtime is away. */
  async #imagesRoom(): Promise<DiskRoom | undefined> {
    const { runtime } = this.#options;
    if (!runtime.traits.images) return undefined;
    const directory = await runtime.images.directory().catch(() => undefined);
    return directory === undefined ? undefined : diskRoom(directory).catch(() => undefined);
  }

  async #withDisk(usage: NodeConsumption): Promise<NodeConsumption> {
    const { clock, runtime, directories } = this.#options;
    if (!runtime.traits.files) return usage;
    if (clock.monotonic() - this.#diskAt >= DISK_MS) {
      const found = new Map<string, DiskUse>();
      for (const each of this.#options.pods()) {
        found.set(each.uid, await podDiskUse(each, directories, runtime));
      }
      this.#disk = found;
      this.#diskAt = clock.monotonic();
    }
    const images = await this.#imagesRoom();
    return {
      ...usage,
      disk: {
        pods: await diskRoom(directories.files),
        ...(images === undefined ? {} : { images }),
      },
      pods: usage.pods.map((pod) => withDisk(pod, this.#disk.get(pod.uid))),
    };
  }
}

function withDisk(pod: PodConsumption, found: DiskUse | undefined): PodConsumption {
  if (found === undefined) return pod;
  return {
    ...pod,
    volumes: Object.fromEntries([...found.volumes].map(([name, { bytes }]) => [name, bytes])),
    containers: pod.containers.map((each) => {
      const disk = found.containers.get(each.name);
      if (disk === undefined) return each;
      return { ...each, disk: { logBytes: disk.logs.bytes, writtenBytes: disk.written.bytes } };
    }),
  };
}

function isRunning(
  record: ContainerRecord,
): record is ContainerRecord & Required<Pick<ContainerRecord, 'run'>> {
  return record.run?.state === 'running';
}

function consumptionsOf({ use, pods }: NodeConsumption): readonly Consumption[] {
  return [use, ...pods.flatMap((pod) => [pod, ...pod.containers].flatMap((each) => each.use ?? []))];
}
