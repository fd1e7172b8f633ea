/** Everything that the controller remembers between syncs: for each Job its ledger and a few notes, and the pods without owner. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Job } from '../../apis/batch/index.ts';
import type { Pod } from '../../apis/core/types.ts';
import { type BackoffRecord, NO_FAILURES } from './backoff.ts';
import { Ledger } from './ledger.ts';

/** What is remembered of one Job. All of it may be lost: a new controller comes to the same end without it. */
export class JobEntry {
  readonly ledger = new Ledger();
  backoff: BackoffRecord = NO_FAILURES;
  /** Monotonic milliseconds since when an end that stops running pods has been in sight. */
  endInSightSince: number | undefined;
  /** How many pods may be created at once: 1 after a failure, then twice as many with each success. */
  creationBatch = 1;
  /** Names of pods whose creation was answered with an error that does not tell whether they exist. */
  readonly doubtfulPods = new Set<string>();
  /** State of the namespace's orphans that this Job last looked at. */
  orphansSeen = -1;
  /** The Job as our last write left it, until the watch shows something newer. */
  #written: DeepReadonly<Job> | undefined;
  #writing = false;
  /** What the watch last showed while a write of ours was under way. */
  #heard: DeepReadonly<Job> | undefined;

  /** The newer of what the lister has and what we wrote. */
  newest(listed: DeepReadonly<Job>): DeepReadonly<Job> {
    const written = this.#written;
    if (written !== undefined && versionOf(written) > versionOf(listed)) return written;
    this.#written = undefined;
    return listed;
  }

  /** Takes a state from the watch, and answers whether it is known to tell more than our own last write did. */
  hears(job: DeepReadonly<Job>): boolean {
    if (this.#writing) this.#heard = job;
    return !this.#writing && this.#isNews(job);
  }

  /**
   * Waits for the answer to a write of ours, and remembers it. The watch may show that very write before its answer is here:
   * `late` is called when what was heard meanwhile turns out to have been news.
   */
  async write(work: Promise<DeepReadonly<Job>>, late: () => void): Promise<DeepReadonly<Job>> {
    this.#writing = true;
    try {
      this.#written = await work;
      return this.#written;
    } finally {
      this.#writing = false;
      const heard = this.#heard;
      this.#heard = undefined;
      if (heard !== undefined && this.#isNews(heard)) late();
    }
  }

  #isNews(job: DeepReadonly<Job>): boolean {
    return this.#written === undefined || versionOf(job) > versionOf(this.#written);
  }
}

/** See the file's head. */
export class Book {
  readonly #entries = new Map<string, JobEntry>();
  readonly #orphans = new Map<string, { changes: number; readonly pods: Map<string, DeepReadonly<Pod>> }>();

  /** The entry of the Job with that uid; made when pods of a Job come before the Job itself. */
  entry(uid: string): JobEntry {
    let entry = this.#entries.get(uid);
    if (entry === undefined) {
      entry = new JobEntry();
      this.#entries.set(uid, entry);
    }
    return entry;
  }

  /** The entry, if there is one. */
  find(uid: string): JobEntry | undefined {
    return this.#entries.get(uid);
  }

  /** Forgets a Job of which no pod needs anything any more. */
  forget(uid: string): void {
    if (this.#entries.get(uid)?.ledger.empty) this.#entries.delete(uid);
  }

  /** How many Jobs are remembered. */
  get size(): number {
    return this.#entries.size;
  }

  /** Takes in a pod that nobody controls; answers whether its labels are new. */
  orphan(pod: DeepReadonly<Pod>, before?: DeepReadonly<Pod>): boolean {
    const { namespace = '', uid, labels } = pod.metadata;
    let orphans = this.#orphans.get(namespace);
    if (orphans === undefined) {
      orphans = { changes: 0, pods: new Map() };
      this.#orphans.set(namespace, orphans);
    }
    const changed =
      !orphans.pods.has(uid) || JSON.stringify(before?.metadata.labels) !== JSON.stringify(labels);
    orphans.pods.set(uid, pod);
    if (changed) orphans.changes += 1;
    return changed;
  }

  /** Takes in that a pod is gone or has an owner now. */
  notOrphan(pod: DeepReadonly<Pod>): void {
    const { namespace = '', uid } = pod.metadata;
    this.#orphans.get(namespace)?.pods.delete(uid);
  }

  /** The pods of a namespace that nobody controls, and a number that rises with each pod that may be worth a look. */
  orphansIn(namespace: string): { readonly changes: number; readonly pods: Iterable<DeepReadonly<Pod>> } {
    const orphans = this.#orphans.get(namespace);
    return orphans === undefined
      ? { changes: 0, pods: [] }
      : { changes: orphans.changes, pods: orphans.pods.values() };
  }
}

function versionOf(job: DeepReadonly<Job>): number {
  return Number(job.metadata.resourceVersion);
}
