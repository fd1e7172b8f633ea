/**
 * Gives the containers of a running pod other resources (KEP-1287): asks the node whether it has them, grants them, and has
 * the runtime carry it out. Told by two conditions, in order: `PodResizePending` while the node does not grant it,
 * `PodResizeInProgress` from the grant until all containers have what they were granted.
 */
import type { Int64 } from '../../apimachinery/exact-json.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { messageOf } from '../../apimachinery/thrown.ts';
import type { Pod } from '../../apis/core/types.ts';
import { linuxResources, podMemoryLimit } from '../container/resources.ts';
import type { PlainCondition } from '../status/conditions.ts';
import { grantedSpec } from './granted-spec.ts';
import type { NodeServices } from './node-services.ts';
import type { PodView } from './pod-view.ts';
import { asksForOther, grant, hasNow, inOrder, resizeActionOf, resizeMessage, wasGranted } from './resize.ts';

/** Milliseconds before a resize that the runtime refused is tried again, as the kubelet waits after a sync that failed. */
const RETRY_MS = 10_000;
/** Milliseconds after which a resize that the node had no room for is looked at again, should nothing happen before. */
const DEFERRED_MS = 30_000;

/** See the file's head. */
export class PodResizer {
  readonly #services: NodeServices;
  readonly #view: PodView;
  /** The generation of the pod that was granted what it asks for. */
  #granted: Int64 | undefined;
  #waiting: PlainCondition | undefined;
  #underWay: PlainCondition | undefined;

  constructor(services: NodeServices, view: PodView, pod: DeepReadonly<Pod>) {
    this.#services = services;
    this.#view = view;
    // Told by an earlier agent: it goes on from there, and nothing is told twice.
    for (const { type, status, reason, message, observedGeneration } of pod.status.conditions ?? []) {
      const known = { type, status, reason, message, observedGeneration } as PlainCondition;
      if (type === 'PodResizePending') this.#waiting = withoutGaps(known);
      if (type === 'PodResizeInProgress') this.#underWay = withoutGaps(known);
    }
  }

  /** What is to be told in the pod's status. */
  get conditions(): readonly PlainCondition[] {
    return [this.#waiting, this.#underWay].filter((each) => each !== undefined);
  }

  /** Whether room on the node is waited for. */
  get deferred(): boolean {
    return this.#waiting !== undefined;
  }

  /** Whether some container does not have yet what it was granted. */
  get #unfinished(): boolean {
    const { containers, resources } = this.#view;
    return containers.some((record) => resizeActionOf(record, resources) !== 'none');
  }

  /** Does what there is to do now; answers in how many milliseconds to look again, undefined when nothing is left. */
  async bring(pod: DeepReadonly<Pod>): Promise<number | undefined> {
    const again = this.#grant(pod);
    if (!this.#unfinished && this.#underWay === undefined) return again;
    try {
      await this.#carryOut(pod);
    } catch (error) {
      this.#failed(pod, messageOf(error));
      return RETRY_MS;
    }
    if (this.#unfinished) return again;
    if (this.#underWay !== undefined) {
      this.#underWay = undefined;
      this.#tell(pod, 'Normal', 'ResizeCompleted', 'Pod resize completed');
    }
    return again;
  }

  #grant(pod: DeepReadonly<Pod>): number | undefined {
    const { generation } = pod.metadata;
    if (generation !== undefined && generation === this.#granted) return undefined;
    if (!asksForOther(pod.spec, this.#view)) {
      this.#granted = generation;
      this.#waiting = undefined;
      return undefined;
    }
    const missing = this.#services.missingFor(pod);
    if (missing !== undefined) {
      const before = this.#waiting;
      this.#waiting = this.#condition(pod, 'PodResizePending', 'Deferred', missing);
      if (before?.observedGeneration !== this.#waiting.observedGeneration) {
        this.#tell(pod, 'Warning', 'ResizeDeferred', 'Pod resize Deferred', missing);
      }
      return DEFERRED_MS;
    }
    grant(pod.spec, this.#view);
    this.#granted = generation;
    this.#waiting = undefined;
    this.#underWay = this.#condition(pod, 'PodResizeInProgress');
    this.#tell(pod, 'Normal', 'ResizeStarted', 'Pod resize started');
    return undefined;
  }

  /** The pod's own limit is never below what its containers may use together: it grows first and shrinks last. */
  async #carryOut(pod: DeepReadonly<Pod>): Promise<void> {
    const { runtime, groups, memoryCapacity, cgroupTraits } = this.#services;
    await this.#checkMemory(pod);
    const granted = { ...pod, spec: grantedSpec(pod.spec, this.#view) } as DeepReadonly<Pod>;
    await groups?.resize(granted, 'grow');
    for (const record of inOrder(this.#view)) {
      const action = resizeActionOf(record, this.#view.resources);
      if (action === 'restart') {
        record.renewing = true;
        record.kill = { why: `Container ${record.spec.name} resize requires restart` };
      }
      if (action !== 'update' || record.run === undefined) continue;
      const resources = linuxResources(granted, record.spec, memoryCapacity, cgroupTraits);
      await runtime.updateContainerResources(record.run.id, resources);
      if (runtime.traits.joinsCgroups) {
        await groups?.limitRun(pod, record.spec.name, record.run.attempt, resources);
      }
      record.actuated = record.spec.resources;
      record.actuatedWhole = this.#view.resources;
    }
    await groups?.resize(granted, 'settle');
    const { resources } = this.#view;
    if (resources !== undefined) this.#view.actuated = resources;
  }

  /** A limit below what is used now would have the kernel kill. */
  async #checkMemory(pod: DeepReadonly<Pod>): Promise<void> {
    const { groups } = this.#services;
    if (groups === undefined) return;
    const wrongs: string[] = [];
    for (const record of this.#view.containers) {
      if (resizeActionOf(record, this.#view.resources) !== 'update' || record.run === undefined) continue;
      const [has, wants] = [hasNow(record), wasGranted(record, this.#view.resources)];
      const limit = wants.memory.limits;
      if (limit === 0 || (has.memory.limits !== 0 && limit >= has.memory.limits)) continue;
      const { name } = record.spec;
      const used = await groups.memoryUse(pod, { container: name, attempt: record.run.attempt });
      if (used < limit) continue;
      wrongs.push(
        `attempting to set container "${name}" memory limit (${limit}) below current usage (${used})`,
      );
    }
    const whole = podMemoryLimit(grantedSpec(pod.spec, this.#view));
    if (wrongs.length === 0 && whole === undefined) return;
    const used = whole === undefined ? 0 : await groups.memoryUse(pod);
    if (whole !== undefined && used >= whole) {
      wrongs.unshift(`attempting to set pod memory limit (${whole}) below current usage (${used})`);
    }
    if (wrongs.length === 0) return;
    const list = wrongs.length === 1 ? wrongs.join('') : `[${wrongs.join(', ')}]`;
    throw new Error(`cannot decrease memory limits: ${list}`);
  }

  #failed(pod: DeepReadonly<Pod>, message: string): void {
    const before = this.#underWay;
    const now = this.#condition(pod, 'PodResizeInProgress', 'Error', message);
    const { observedGeneration = now.observedGeneration } = before ?? {};
    this.#underWay = withoutGaps({ ...now, observedGeneration } as PlainCondition);
    if (before?.reason === 'Error' && before.message === message) return;
    this.#tell(pod, 'Warning', 'ResizeError', 'Pod resize error', message);
  }

  #condition(pod: DeepReadonly<Pod>, type: string, reason?: string, message?: string): PlainCondition {
    const { generation: observedGeneration } = pod.metadata;
    return withoutGaps({ type, status: 'True', reason, message, observedGeneration } as PlainCondition);
  }

  #tell(
    pod: DeepReadonly<Pod>,
    type: 'Normal' | 'Warning',
    reason: string,
    about: string,
    error?: string,
  ): void {
    this.#services.events.event(pod, type, reason, resizeMessage(about, pod, error));
  }
}

function withoutGaps(condition: PlainCondition): PlainCondition {
  return Object.fromEntries(
    Object.entries(condition).filter(([, value]) => value !== undefined && value !== ''),
  ) as unknown as PlainCondition;
}
