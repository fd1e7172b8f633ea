import { sortedMembers } from '../go-text.ts';
import type { DeepReadonly } from '../meta/object.ts';
import type { LabelSelector } from '../meta/types.ts';

/** A selector as an error's message shows it: Go prints a map by its keys, and a struct in the order of its fields. */
export function shownSelector({ matchLabels, matchExpressions }: DeepReadonly<LabelSelector>): object {
  const expressions = matchExpressions?.map(({ key, operator, values }) => ({
    key,
    operator,
    ...(values && { values }),
  }));
  return {
    ...(matchLabels && { matchLabels: sortedMembers(matchLabels) }),
    ...(expressions && { matchExpressions: expressions }),
  };
}
