import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import { FOREGROUND_FINALIZER, type GraphNode, ORPHAN_FINALIZER } from './graph.ts';
import type { Reference } from './identity.ts';

/** An object's references by what their owners are like, as the API server has it. */
export interface Classified {
  /** Owners that are there. */
  readonly solid: readonly Reference[];
  /** Owners that are not. */
  readonly dangling: readonly Reference[];
  /** Owners that are being deleted and wait for their dependents. */
  readonly waiting: readonly Reference[];
}

/** What to do with an object. */
export type Decision =
  | { readonly action: 'keep' }
  /** Keep it, without the references to these owners. */
  | { readonly action: 'unlink'; readonly uids: readonly string[] }
  /** Delete it; `unblock` says to make its own references non-blocking first. */
  | {
      readonly action: 'delete';
      readonly propagation: 'Background' | 'Foreground' | 'Orphan';
      readonly unblock: boolean;
    };

const KEEP: Decision = { action: 'keep' };

/** Decides on an object that has references, from its newest state and what its owners are like. */
export function decide(
  node: GraphNode,
  latest: DeepReadonly<ApiObject>,
  { solid, dangling, waiting }: Classified,
): Decision {
  if (solid.length > 0) {
    // A waiting owner's reference goes too, else that owner would wait for ever for an object that stays.
    const uids = [...dangling, ...waiting].map(({ uid }) => uid);
    return uids.length === 0 ? KEEP : { action: 'unlink', uids };
  }
  if (waiting.length > 0 && node.dependents.size > 0) {
    // A dependent that waits for its own dependents hints at a circle, which would never end while each blocks the next.
    const unblock = [...node.dependents].some((each) => each.deletingDependents);
    return { action: 'delete', propagation: 'Foreground', unblock };
  }
  const { finalizers = [] } = latest.metadata;
  const propagation = finalizers.includes(ORPHAN_FINALIZER)
    ? 'Orphan'
    : finalizers.includes(FOREGROUND_FINALIZER)
      ? 'Foreground'
      : 'Background';
  return { action: 'delete', propagation, unblock: false };
}
