/** Amounts of resources as numbers that can be added and compared, from the quantities in which the API writes them. */
import type { DeepReadonly } from '../apimachinery/meta/object.ts';
import { parseQuantity } from '../apimachinery/quantity.ts';

/** CPU in thousandths of a core, memory and ephemeral storage in bytes, all other resources in pieces. */
export interface Amounts {
  cpu: number;
  memory: number;
  storage: number;
  /** By resource name; absent when there are none, which is nearly always. */
  others?: Map<string, number>;
}

/** Nothing of anything. */
export function noAmounts(): Amounts {
  return { cpu: 0, memory: 0, storage: 0 };
}

/** The amounts in a list such as a container's requests; a node's `pods` counts among the others. */
export function amountsOf(list: DeepReadonly<Record<string, string>> | undefined): Amounts {
  const amounts = noAmounts();
  for (const name in list) {
    const quantity = parseQuantity(list[name] ?? '0');
    if (name === 'cpu') amounts.cpu = quantity.milliValue();
    else if (name === 'memory') amounts.memory = quantity.value();
    else if (name === 'ephemeral-storage') amounts.storage = quantity.value();
    else {
      amounts.others ??= new Map();
      amounts.others.set(name, quantity.value());
    }
  }
  return amounts;
}

/** Adds `factor` times `more` to `sum`. */
export function addAmounts(sum: Amounts, more: Amounts, factor = 1): void {
  sum.cpu += more.cpu * factor;
  sum.memory += more.memory * factor;
  sum.storage += more.storage * factor;
  if (more.others === undefined) return;
  sum.others ??= new Map();
  for (const [name, value] of more.others) sum.others.set(name, (sum.others.get(name) ?? 0) + value * factor);
}

/** Raises `most` to `other` wherever that is greater. */
export function raiseAmounts(most: Amounts, other: Amounts): void {
  most.cpu = Math.max(most.cpu, other.cpu);
  most.memory = Math.max(most.memory, other.memory);
  most.storage = Math.max(most.storage, other.storage);
  for (const [name, value] of other.others ?? []) {
    most.others ??= new Map();
    most.others.set(name, Math.max(most.others.get(name) ?? 0, value));
  }
}
