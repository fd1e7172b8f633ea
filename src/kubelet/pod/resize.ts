/** What a change of a pod's resources means for its containers (KEP-1287). Pure. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { parseQuantity } from '../../apimachinery/quantity.ts';
import type { Pod, PodSpec, ResourceRequirements } from '../../apis/core/types.ts';
import type { ContainerRecord, PodView } from './pod-view.ts';

type Requirements = DeepReadonly<ResourceRequirements> | undefined;

/** What changes while a container runs; 0 for what is not asked for. */
export interface Computing {
  /** Thousandths of a core. */
  readonly cpu: { readonly requests: number; readonly limits: number };
  /** Bytes. */
  readonly memory: { readonly requests: number; readonly limits: number };
}

/** The cpu and memory of requests and limits; a container without a limit of its own has that of its pod as a `whole`. */
function computing(resources: Requirements, whole?: Requirements): Computing {
  const { requests = {}, limits = {} } = resources ?? {};
  const { limits: around = {} } = whole ?? {};
  const cores = (text: string | undefined): number =>
    text === undefined ? 0 : parseQuantity(text).milliValue();
  const bytes = (text: string | undefined): number => (text === undefined ? 0 : parseQuantity(text).value());
  return {
    cpu: { requests: cores(requests['cpu']), limits: cores(limits['cpu']) || cores(around['cpu']) },
    memory: {
      requests: bytes(requests['memory']),
      limits: bytes(limits['memory']) || bytes(around['memory']),
    },
  };
}

/** Whether two requirements are the same for a container that runs. */
function sameComputing(one: Requirements, other: Requirements): boolean {
  const [left, right] = [computing(one), computing(other)];
  return sameAmounts(left.cpu, right.cpu) && sameAmounts(left.memory, right.memory);
}

function sameAmounts(left: Computing['cpu'], right: Computing['cpu']): boolean {
  return left.requests === right.requests && left.limits === right.limits;
}

/** Whether the pod asks for other resources than it was granted. */
export function asksForOther(spec: DeepReadonly<PodSpec>, view: PodView): boolean {
  if (!sameComputing(spec.resources, view.resources)) return true;
  const granted = new Map(view.containers.map((record) => [record.spec.name, record.spec.resources]));
  return [...spec.containers, ...(spec.initContainers ?? [])].some(
    ({ name, resources }) => !sameComputing(resources, granted.get(name)),
  );
}

/** Grants what the pod asks for. */
export function grant(spec: DeepReadonly<PodSpec>, view: PodView): void {
  if (spec.resources === undefined) delete view.resources;
  else view.resources = spec.resources;
  for (const asked of [...spec.containers, ...(spec.initContainers ?? [])]) {
    const record = view.containers.find((each) => each.spec.name === asked.name);
    if (record === undefined) continue;
    const { resources: _before, resizePolicy: _policy, ...rest } = record.spec;
    const { resources, resizePolicy } = asked;
    record.spec = {
      ...rest,
      ...(resources === undefined ? {} : { resources }),
      ...(resizePolicy === undefined ? {} : { resizePolicy }),
    };
  }
}

/** What a container has by now. */
export function hasNow({ actuated, actuatedWhole }: ContainerRecord): Computing {
  return computing(actuated, actuatedWhole);
}

/** What a container was granted, in a pod that as a whole was granted that. */
export function wasGranted({ spec }: ContainerRecord, whole: Requirements): Computing {
  return computing(spec.resources, whole);
}

/**
 * What has to be done so that a container has what it and its pod as a `whole` were granted. One that does not run gets it
 * when it starts.
 */
export function resizeActionOf(record: ContainerRecord, whole: Requirements): 'none' | 'update' | 'restart' {
  const { run, spec, actuated, actuatedWhole, role } = record;
  if (run?.state !== 'running' || role === 'ephemeral') return 'none';
  if (actuated === spec.resources && actuatedWhole === whole) return 'none';
  const [has, wants] = [hasNow(record), wasGranted(record, whole)];
  const changed = (['cpu', 'memory'] as const).filter((name) => !sameAmounts(has[name], wants[name]));
  if (changed.length === 0) return 'none';
  const restarts = changed.some((changing) =>
    spec.resizePolicy?.some(
      ({ resourceName, restartPolicy }) => resourceName === changing && restartPolicy === 'RestartContainer',
    ),
  );
  return restarts ? 'restart' : 'update';
}

/** Containers in the order in which their limits are changed: first those that get less memory, so that the pod never has too much. */
export function inOrder({ containers, resources }: PodView): readonly ContainerRecord[] {
  const growth = (record: ContainerRecord): number =>
    Math.sign(wasGranted(record, resources).memory.limits - hasNow(record).memory.limits);
  return containers.toSorted((a, b) => growth(a) - growth(b));
}

/** An event's message: what it is about, and what the pod asks for, as upstream words it. */
export function resizeMessage(about: string, pod: DeepReadonly<Pod>, error = ''): string {
  const summary = (containers: DeepReadonly<PodSpec['containers']> | undefined): object[] =>
    (containers ?? []).map(({ name, resources = {} }) => ({ name, resources: inGoOrder(resources) }));
  const { initContainers, containers } = pod.spec;
  const told = {
    ...(initContainers?.length ? { initContainers: summary(initContainers) } : {}),
    ...(containers.length > 0 ? { containers: summary(containers) } : {}),
    ...(pod.metadata.generation === undefined ? {} : { generation: Number(pod.metadata.generation) }),
    ...(error === '' ? {} : { error }),
  };
  return `${about}: ${JSON.stringify(told)}`;
}

function inGoOrder({ limits, requests }: DeepReadonly<ResourceRequirements>): object {
  const sorted = (amounts: Readonly<Record<string, string>>): object =>
    Object.fromEntries(Object.entries(amounts).sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    ...(limits === undefined ? {} : { limits: sorted(limits) }),
    ...(requests === undefined ? {} : { requests: sorted(requests) }),
  };
}
