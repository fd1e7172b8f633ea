import { sortedMembers } from '../../apimachinery/go-text.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { LabelSelector } from '../../apimachinery/meta/types.ts';

/** A selector as an error's message shows it: Go prints a map by its keys, and a struct in the order of its fields. */
export function shownSelector({ matchLabels, ...others }: DeepReadonly<LabelSelector>): object {
  return { ...(matchLabels && { matchLabels: sortedMembers(matchLabels) }), ...others };
}
