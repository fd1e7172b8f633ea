/** Sees every state of every pod and remembers what must never have been. */
import type { DeepReadonly } from '../../src/apimachinery/meta/object.ts';
import type { Pod } from '../../src/apis/core/types.ts';
import { type Client, PODS } from '../../src/client/index.ts';

interface Story {
  readonly job: string;
  readonly index: string;
  phase: string;
  gone: boolean;
  deleting: boolean;
}

/** See the file's head. */
export class PodWitness {
  /** What was seen that must not be, in words. */
  readonly wrongs: string[] = [];
  readonly #stories = new Map<string, Story>();
  readonly #parallelism: (job: string) => number;

  constructor(parallelism: (job: string) => number) {
    this.#parallelism = parallelism;
  }

  /** Begins to look. Ends with the server. */
  async look(client: Client): Promise<void> {
    await client.watch(PODS, { namespace: 'ns' }, '0', {
      next: (events) => {
        for (const { type, object } of events) if (type !== 'BOOKMARK') this.#see(type === 'DELETED', object);
      },
      end() {},
    });
  }

  /** How many pods of the Job have ended in that phase, whether they are still there or not. */
  ended(job: string, phase: 'Succeeded' | 'Failed'): number {
    return [...this.#stories.values()].filter((each) => each.job === job && each.phase === phase).length;
  }

  /** How many pods the Job ever had. */
  ever(job: string): number {
    return [...this.#stories.values()].filter((each) => each.job === job).length;
  }

  #see(gone: boolean, pod: DeepReadonly<Pod>): void {
    const { uid, annotations = {}, deletionTimestamp, name } = pod.metadata;
    const job = pod.metadata.ownerReferences?.[0]?.name ?? '';
    const index = annotations['batch.kubernetes.io/job-completion-index'] ?? '';
    const known = this.#stories.get(uid);
    const phase = pod.status.phase ?? '';
    if (known?.phase === 'Succeeded' && phase !== 'Succeeded')
      this.wrongs.push(`${name} came back from the end`);
    this.#stories.set(uid, { job, index, phase, gone, deleting: deletionTimestamp !== undefined });
    if (known === undefined) this.#check(job, index, name);
  }

  #check(job: string, index: string, name: string): void {
    const active = [...this.#stories.values()].filter(
      (each) =>
        each.job === job && !each.gone && !each.deleting && !['Succeeded', 'Failed'].includes(each.phase),
    );
    if (active.length > this.#parallelism(job))
      this.wrongs.push(`${name} made ${active.length} active pods of ${job}`);
    if (index === '') return;
    if (active.filter((each) => each.index === index).length > 1)
      this.wrongs.push(`${name} is a second pod of its index`);
    const done = [...this.#stories.values()].some(
      (each) => each.job === job && each.index === index && each.phase === 'Succeeded',
    );
    if (done) this.wrongs.push(`${name} was started though its index had succeeded`);
  }
}
