import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { NamespaceCondition } from '../../apis/core/types.ts';

/** What is left in a namespace after everything was told to go. */
export interface Remaining {
  /** How many objects, by `resource.group` as the condition names it (`pods.`, `jobs.batch`). */
  readonly objects: ReadonlyMap<string, number>;
  /** How many objects have that finalizer. */
  readonly finalizers: ReadonlyMap<string, number>;
  /** What went wrong while deleting. */
  readonly failures: readonly string[];
}

/** The conditions that a namespace has while it is deleted, in their order, each with what it says when all is well. */
const CONDITIONS = [
  ['NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'],
  [
    'NamespaceDeletionGroupVersionParsingFailure',
    'ParsedGroupVersions',
    'All legacy kube types successfully parsed',
  ],
  [
    'NamespaceDeletionContentFailure',
    'ContentDeleted',
    'All content successfully deleted, may be waiting on finalization',
  ],
  ['NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed'],
  ['NamespaceFinalizersRemaining', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
] as const;

/**
 * The namespace's conditions for what remains, or undefined when they say so already. `now` is RFC 3339. Nothing is said of
 * content while `podsFirst`: the rest has not been looked at.
 */
export function conditionsFor(
  stored: readonly DeepReadonly<NamespaceCondition>[],
  remaining: Remaining,
  podsFirst: boolean,
  now: string,
): readonly DeepReadonly<NamespaceCondition>[] | undefined {
  const troubles = podsFirst ? failures(remaining) : { ...failures(remaining), ...contents(remaining) };
  const result = [...stored];
  let changed = false;
  for (const [type, okReason, okMessage] of CONDITIONS) {
    const trouble = troubles[type];
    const { reason, message } = trouble ?? { reason: okReason, message: okMessage };
    const status = trouble === undefined ? 'False' : 'True';
    const at = result.findIndex((each) => each.type === type);
    const old = result[at];
    if (old?.status === status && old.reason === reason && old.message === message) continue;
    changed = true;
    const since = old !== undefined && old.status === status ? old.lastTransitionTime : now;
    const lastTransitionTime = since ?? now;
    result.splice(at < 0 ? result.length : at, at < 0 ? 0 : 1, {
      type,
      status,
      lastTransitionTime,
      reason,
      message,
    });
  }
  return changed ? result : undefined;
}

type Troubles = Partial<Record<string, { readonly reason: string; readonly message: string }>>;

function failures({ failures: texts }: Remaining): Troubles {
  if (texts.length === 0) return {};
  const list = texts.toSorted().join(', ');
  return {
    NamespaceDeletionContentFailure: {
      reason: 'ContentDeletionFailed',
      message: `Failed to delete all resource types, ${texts.length} remaining: ${list}`,
    },
  };
}

function contents({ objects, finalizers }: Remaining): Troubles {
  const troubles: Troubles = {};
  if (objects.size > 0) {
    const list = [...objects].map(([resource, count]) => `${resource} has ${count} resource instances`);
    troubles['NamespaceContentRemaining'] = {
      reason: 'SomeResourcesRemain',
      message: `Some resources are remaining: ${list.sort().join(', ')}`,
    };
  }
  if (finalizers.size > 0) {
    const list = [...finalizers].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`);
    troubles['NamespaceFinalizersRemaining'] = {
      reason: 'SomeFinalizersRemain',
      message: `Some content in the namespace has finalizers remaining: ${list.sort().join(', ')}`,
    };
  }
  return troubles;
}
