/**
 * Writes pods' statuses, as seldom as it can: a status that changes nothing is not written, one that is overtaken while an
 * earlier one is being written is skipped, and one that only tells of progress waits a moment for a better one.
 *
 * Each pod has at most one write in hand. A write is made on the newest pod known; when somebody else changed the pod in
 * between, it is made again on what is there then. Conditions that others own are kept.
 */
import { type Clock, rfc3339, type Timer } from '../../apimachinery/clock.ts';
import type { Int64 } from '../../apimachinery/exact-json.ts';
import { deepEqualJson } from '../../apimachinery/json.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isConflict, isNotFound } from '../../apimachinery/status-error.ts';
import { isPodTerminal } from '../../apis/core/index.ts';
import type { Pod, PodCondition, PodStatus } from '../../apis/core/types.ts';
import { type Client, type Logger, PODS } from '../../client/index.ts';
import { OWN_CONDITIONS } from './conditions.ts';
import { ContainerEnds } from './container-ends.ts';
import type { ReportedStatus } from './pod-status.ts';

/** Milliseconds that a status which only tells of progress waits for a newer one: short pods then need one write. */
const PROGRESS_DELAY_MS = 10;
/** First and longest wait in milliseconds before a write that failed is tried again. */
const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 10_000;

/** What the writer needs. */
export interface StatusWriterOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  /** Resolves when a write that failed may be tried again. */
  readonly retryPause: (delayMs: number) => Promise<void>;
}

interface Entry {
  pod: DeepReadonly<Pod>;
  wanted: ReportedStatus | undefined;
  /** What was written last: the server writes it in another form, which cannot be compared. */
  written: ReportedStatus | undefined;
  writing: boolean;
  failures: number;
  /** Called when nothing is left to write. */
  readonly settled: (() => void)[];
}

/** See the file's head. */
export class StatusWriter {
  /** The ends of containers that were written. */
  readonly ends = new ContainerEnds();
  readonly #options: StatusWriterOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #delayed = new Set<string>();
  readonly #writes = new Set<Promise<void>>();
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: StatusWriterOptions) {
    this.#options = options;
  }

  /** Takes in a newer version of a pod. */
  observe(pod: DeepReadonly<Pod>): void {
    const entry = this.#entries.get(pod.metadata.uid);
    if (entry !== undefined && isNewer(pod, entry.pod)) entry.pod = pod;
  }

  /** The newest version of the pod that the writer knows: what it wrote last, or what it observed since. */
  newest(pod: DeepReadonly<Pod>): DeepReadonly<Pod> {
    const known = this.#entries.get(pod.metadata.uid)?.pod;
    return known !== undefined && isNewer(known, pod) ? known : pod;
  }

  /** Wants a status written: at once when it is `urgent` (a pod's end, or what somebody waits for), else soon. */
  want(pod: DeepReadonly<Pod>, status: ReportedStatus, urgent: boolean): void {
    const { uid } = pod.metadata;
    let entry = this.#entries.get(uid);
    if (entry === undefined) {
      entry = { pod, wanted: undefined, written: undefined, writing: false, failures: 0, settled: [] };
      this.#entries.set(uid, entry);
    } else if (isNewer(pod, entry.pod)) entry.pod = pod;
    entry.wanted = status;
    if (urgent) {
      this.#delayed.delete(uid);
      this.#write(uid);
    } else if (!entry.writing) this.#delay(uid);
  }

  /** Resolves when nothing is left to write for that pod. */
  settled(uid: string): Promise<void> {
    const entry = this.#entries.get(uid);
    if (entry === undefined || (entry.wanted === undefined && !entry.writing)) return Promise.resolve();
    if (this.#delayed.delete(uid)) this.#write(uid);
    return new Promise((resolve) => entry.settled.push(resolve));
  }

  /** The pod is gone: nothing more is written for it. */
  forget(uid: string): void {
    const entry = this.#entries.get(uid);
    this.#entries.delete(uid);
    this.#delayed.delete(uid);
    for (const settle of entry?.settled ?? []) settle();
  }

  /** Writes what waits, then stops. */
  async stop(): Promise<void> {
    for (const uid of this.#delayed) this.#write(uid);
    this.#stopped = true;
    this.#timer?.cancel();
    while (this.#writes.size > 0) await Promise.all(this.#writes);
    for (const { settled } of this.#entries.values()) for (const settle of settled) settle();
  }

  /** One timer serves all pods that wait for a moment; a pod that failed waits longer, on a timer of its own. */
  #delay(uid: string): void {
    this.#delayed.add(uid);
    if (this.#stopped) return;
    this.#timer ??= this.#options.clock.after(PROGRESS_DELAY_MS, () => {
      this.#timer = undefined;
      for (const each of this.#delayed) if (this.#entries.get(each)?.failures === 0) this.#write(each);
    });
  }

  #write(uid: string): void {
    const entry = this.#entries.get(uid);
    this.#delayed.delete(uid);
    if (entry === undefined || entry.writing || this.#stopped) return;
    const writing = this.#writeEntry(uid, entry).finally(() => this.#writes.delete(writing));
    this.#writes.add(writing);
  }

  async #writeEntry(uid: string, entry: Entry): Promise<void> {
    entry.writing = true;
    try {
      while (entry.wanted !== undefined && this.#entries.get(uid) === entry) {
        const wanted = entry.wanted;
        entry.wanted = undefined;
        try {
          await this.#put(entry, wanted);
          entry.failures = 0;
        } catch (error) {
          if (isNotFound(error)) {
            this.forget(uid);
            return;
          }
          entry.wanted ??= wanted;
          this.#retryLater(uid, entry, error);
          return;
        }
      }
    } finally {
      entry.writing = false;
    }
    for (const settle of entry.settled.splice(0)) settle();
  }

  async #put(entry: Entry, wanted: ReportedStatus): Promise<void> {
    const { client, clock } = this.#options;
    for (let tries = 0; ; tries++) {
      const { pod } = entry;
      if (saysTheSame(entry.written, wanted, pod.status)) return;
      const status = mergeStatus(pod.status, wanted, clock.now(), pod.metadata.generation);
      try {
        const { annotations } = wanted;
        const metadata =
          annotations === undefined
            ? pod.metadata
            : { ...pod.metadata, annotations: { ...pod.metadata.annotations, ...annotations } };
        entry.pod = await client.updateStatus(PODS, { ...pod, metadata, status });
        entry.written = wanted;
        this.ends.note(pod.status, status);
        return;
      } catch (error) {
        // Ten conflicts in a row mean that something else is wrong than somebody else's writes.
        if (!isConflict(error) || tries >= 10) throw error;
        const fresh = await client.get(PODS, pod.metadata.namespace ?? '', pod.metadata.name);
        if (fresh.metadata.uid !== pod.metadata.uid) {
          this.forget(pod.metadata.uid);
          return;
        }
        entry.pod = fresh;
      }
    }
  }

  #retryLater(uid: string, entry: Entry, error: unknown): void {
    const { name, namespace } = entry.pod.metadata;
    this.#options.log.warn(
      { namespace, name, error },
      'the status of a pod could not be written, trying again',
    );
    const wait = Math.min(RETRY_MS_MIN * 2 ** Math.min(entry.failures, 10), RETRY_MS_MAX);
    entry.failures += 1;
    this.#delayed.add(uid);
    if (!this.#stopped) void this.#options.retryPause(wait).then(() => this.#write(uid));
  }
}

function isNewer(a: DeepReadonly<Pod>, b: DeepReadonly<Pod>): boolean {
  const [left, right] = [a.metadata.resourceVersion, b.metadata.resourceVersion];
  return left.length > right.length || (left.length === right.length && left > right);
}

/** Whether the server has that status already, and nobody else has changed what it is about. */
function saysTheSame(
  written: ReportedStatus | undefined,
  wanted: ReportedStatus,
  stored: DeepReadonly<PodStatus>,
): boolean {
  if (written === undefined || !deepEqualJson(written, wanted)) return false;
  return wanted.conditions.every(({ type, status }) =>
    stored.conditions?.some((each) => each.type === type && each.status === status),
  );
}

/**
 * The whole status to write. A pod that has ended stays as it ended:
 * its phase never goes back (KEP-3329).
 */
function mergeStatus(
  before: DeepReadonly<PodStatus>,
  wanted: ReportedStatus,
  now: number,
  generation: Int64 | undefined,
): PodStatus {
  const ended = isPodTerminal({ status: before });
  const phase = ended ? before.phase : wanted.phase;
  const { conditions: _, observedGeneration, annotations: __, ...rest } = wanted;
  const status: PodStatus = {
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
    ...(phase === undefined ? {} : { phase }),
    conditions: mergeConditions(before.conditions ?? [], wanted.conditions, now, generation),
    ...kept(before),
    ...rest,
  };
  if (phase !== undefined) status.phase = phase;
  return status;
}

/** What others set in a pod's status, or what stays as it was once set. */
function kept(before: DeepReadonly<PodStatus>): Partial<PodStatus> {
  const { qosClass, nominatedNodeName, resourceClaimStatuses, reason, message, startTime, podIP, podIPs } =
    before;
  const all = {
    qosClass,
    nominatedNodeName,
    resourceClaimStatuses,
    reason,
    message,
    startTime,
    podIP,
    podIPs,
  };
  const present: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(all)) if (value !== undefined) present[name] = value;
  return present as Partial<PodStatus>;
}

/** Conditions that are there or not, and change by their reason. */
function isOfResize({ type }: { readonly type: string }): boolean {
  return type === 'PodResizePending' || type === 'PodResizeInProgress';
}

function mergeConditions(
  before: DeepReadonly<PodCondition[]>,
  wanted: ReportedStatus['conditions'],
  now: number,
  generation: Int64 | undefined,
): PodCondition[] {
  const own = wanted.map((each) => {
    const old = before.find(({ type }) => type === each.type);
    const same = old?.status === each.status && (!isOfResize(each) || old.reason === each.reason);
    const lastTransitionTime = same && old.lastTransitionTime ? old.lastTransitionTime : rfc3339(now);
    return {
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      ...each,
      lastTransitionTime,
      ...(isOfResize(each) ? { lastProbeTime: rfc3339(now) } : {}),
    };
  });
  const told = new Set(wanted.map(({ type }) => type));
  // Of a pod that the node did not take, it does not confirm even that it was scheduled.
  const rejected = wanted.length === 0;
  const others = before.filter(
    ({ type }) => !OWN_CONDITIONS.has(type) && !told.has(type) && !(rejected && type === 'PodScheduled'),
  );
  if (generation === undefined) return [...own, ...(others as PodCondition[])];
  // That it was scheduled is the node's to confirm, of each generation of the pod.
  const confirmed = others.map((each) =>
    each.type === 'PodScheduled' && each.status === 'True'
      ? { ...each, observedGeneration: generation }
      : each,
  );
  return [...own, ...(confirmed as PodCondition[])];
}
