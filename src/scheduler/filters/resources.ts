/** Room on the node. Upstream: plugins/noderesources/fit. */
import type { NodeState } from '../node-state.ts';
import type { Filter, Rejection } from './filter.ts';

/** Turns down nodes that have not enough left of something that the pod asks for, or have as many pods as they may. */
export const resources: Filter = ({ asked }) => {
  const { cpu, memory, storage, others } = asked;
  return (state) => {
    const { allocatable, asked: taken } = state;
    if (
      state.pods.size < state.podsMax &&
      fits(cpu, taken.cpu, allocatable.cpu) &&
      fits(memory, taken.memory, allocatable.memory) &&
      fits(storage, taken.storage, allocatable.storage) &&
      others === undefined
    ) {
      return undefined;
    }
    return shortage(state, cpu, memory, storage, others);
  };
};

function fits(asked: number, taken: number, allocatable: number): boolean {
  return asked === 0 || asked <= allocatable - taken;
}

function shortage(
  state: NodeState,
  cpu: number,
  memory: number,
  storage: number,
  others: ReadonlyMap<string, number> | undefined,
): Rejection | undefined {
  const { allocatable, asked: taken } = state;
  const reasons: string[] = [];
  let everFits = true;
  const check = (name: string, amount: number, used: number, capacity: number): void => {
    if (fits(amount, used, capacity)) return;
    reasons.push(`Insufficient ${name}`);
    if (amount > capacity) everFits = false;
  };
  if (state.pods.size >= state.podsMax) reasons.push('Too many pods');
  check('cpu', cpu, taken.cpu, allocatable.cpu);
  check('memory', memory, taken.memory, allocatable.memory);
  check('ephemeral-storage', storage, taken.storage, allocatable.storage);
  for (const [name, amount] of others ?? []) {
    check(name, amount, taken.others?.get(name) ?? 0, allocatable.others?.get(name) ?? 0);
  }
  return reasons.length === 0 ? undefined : { reasons, resolvable: everFits };
}
