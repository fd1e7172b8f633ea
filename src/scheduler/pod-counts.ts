/**
 * How many bound pods of each node a selector selects, for every selector that was asked about lately: counted once, then
 * kept up to date pod by pod, so that spreading a pod costs the same with ten bound pods and with a hundred thousand.
 */
import { changeCount } from './node-state.ts';
import type { PodFacts } from './pod-facts.ts';

/** Selectors kept up to date; each costs one match for each pod that comes or goes. */
const SELECTORS_MAX = 64;

/** Pods selected, by node name; a node without any is not in it. */
export type CountByNode = ReadonlyMap<string, number>;

interface Counted {
  readonly selects: (pod: PodFacts) => boolean;
  readonly byNode: Map<string, number>;
}

/** See the file's head. */
export class PodCounts {
  readonly #counted = new Map<string, Counted>();
  readonly #bound: () => Iterable<{ readonly facts: PodFacts; readonly node: string }>;

  /** @param bound every bound pod with its node's name. */
  constructor(bound: () => Iterable<{ readonly facts: PodFacts; readonly node: string }>) {
    this.#bound = bound;
  }

  /** The count for a selector; `id` must differ for selectors that differ. */
  of(id: string, selects: (pod: PodFacts) => boolean): CountByNode {
    const known = this.#counted.get(id);
    if (known !== undefined) {
      this.#counted.delete(id);
      this.#counted.set(id, known);
      return known.byNode;
    }
    const made: Counted = { selects, byNode: new Map() };
    for (const { facts, node } of this.#bound()) if (selects(facts)) changeCount(made.byNode, node, 1);
    this.#counted.set(id, made);
    if (this.#counted.size > SELECTORS_MAX) {
      const oldest = this.#counted.keys().next();
      if (!oldest.done) this.#counted.delete(oldest.value);
    }
    return made.byNode;
  }

  /** Counts a pod that came to (1) or went from (-1) a node. */
  change(pod: PodFacts, node: string, by: 1 | -1): void {
    for (const { selects, byNode } of this.#counted.values()) {
      if (selects(pod)) changeCount(byNode, node, by);
    }
  }

  /** Forgets all counts: what selectors depend on beside the pods has changed. */
  clear(): void {
    this.#counted.clear();
  }
}
