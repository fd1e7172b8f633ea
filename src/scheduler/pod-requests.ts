/**
 * How much a pod asks of its node. Source: KEP-753 (sidecars: an init container needs its own share beside those of the
 * sidecars that were started before it), KEP-2837 (resources of the pod as a whole), KEP-688 (overhead).
 */
import type { DeepReadonly } from '../apimachinery/meta/object.ts';
import type { Container, PodSpec } from '../apis/core/types.ts';
import { type Amounts, addAmounts, amountsOf, noAmounts, raiseAmounts } from './amounts.ts';

/** Thousandths of a core that a container without a CPU request counts for when nodes are compared (not when fit is checked). */
const SCORED_CPU = 100;
/** Bytes that a container without a memory request counts for when nodes are compared. */
const SCORED_MEMORY = 200 * 1024 * 1024;

/** What a pod asks for, and what it counts for when the nodes that fit are compared. */
export interface PodRequests {
  readonly asked: Amounts;
  readonly scored: Amounts;
}

/** The requests of a pod. */
export function podRequests(spec: DeepReadonly<PodSpec>): PodRequests {
  const asked = noAmounts();
  const scored = noAmounts();
  for (const container of spec.containers) {
    const amounts = amountsOf(container.resources?.requests);
    addAmounts(asked, amounts);
    addAmounts(scored, atLeastScored(container, amounts));
  }
  raiseByInitContainers(spec, asked, (_, amounts) => amounts);
  raiseByInitContainers(spec, scored, atLeastScored);
  const whole = amountsOf(spec.resources?.requests);
  for (const sum of [asked, scored]) {
    if (spec.resources?.requests?.['cpu'] !== undefined) sum.cpu = whole.cpu;
    if (spec.resources?.requests?.['memory'] !== undefined) sum.memory = whole.memory;
    for (const [name, value] of whole.others ?? []) {
      sum.others ??= new Map();
      if (name.startsWith('hugepages-')) sum.others.set(name, value);
    }
    if (spec.overhead !== undefined) addAmounts(sum, amountsOf(spec.overhead));
  }
  return { asked, scored };
}

/** Raises the sum of the containers to what the most demanding init container needs; sidecars add to both. */
function raiseByInitContainers(
  spec: DeepReadonly<PodSpec>,
  sum: Amounts,
  count: (container: DeepReadonly<Container>, amounts: Amounts) => Amounts,
): void {
  if (spec.initContainers === undefined) return;
  const sidecars = noAmounts();
  const most = noAmounts();
  for (const container of spec.initContainers) {
    const amounts = count(container, amountsOf(container.resources?.requests));
    if (container.restartPolicy === 'Always') {
      addAmounts(sum, amounts);
      addAmounts(sidecars, amounts);
      raiseAmounts(most, sidecars);
    } else {
      const needed = noAmounts();
      addAmounts(needed, sidecars);
      addAmounts(needed, amounts);
      raiseAmounts(most, needed);
    }
  }
  raiseAmounts(sum, most);
}

function atLeastScored(container: DeepReadonly<Container>, amounts: Amounts): Amounts {
  const requests = container.resources?.requests;
  return {
    ...amounts,
    cpu: requests?.['cpu'] === undefined ? SCORED_CPU : amounts.cpu,
    memory: requests?.['memory'] === undefined ? SCORED_MEMORY : amounts.memory,
  };
}
