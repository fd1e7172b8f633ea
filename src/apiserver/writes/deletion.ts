import { rfc3339 } from '../../apimachinery/clock.ts';
import type { Int64 } from '../../apimachinery/exact-json.ts';
import { cloneJson } from '../../apimachinery/json.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { DeleteOptions } from '../../apimachinery/meta/types.ts';
import { newConflict } from '../../apimachinery/status-error.ts';
import type { RequestContext, Strategy } from '../resource.ts';
import type { ServedResource } from '../served-resource.ts';

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

/**
 * What a delete does to an object: remove it, write its state as one that is going, or nothing since it is going already.
 * Of a kind that can be given time, the object that is removed at once is answered as one that was given none.
 */
export type Deletion =
  | { readonly action: 'remove'; readonly object?: ApiObject }
  | { readonly action: 'mark'; readonly object: ApiObject }
  | { readonly action: 'none' };

/**
 * Decides what a delete does now. Graceful deletion and the garbage collector's finalizers as in k8s.io/apiserver: an
 * object goes at once unless its kind gives it time, or finalizers hold it.
 */
export function planDeletion(
  served: ServedResource,
  object: DeepReadonly<ApiObject>,
  options: DeleteOptions,
  context: RequestContext,
): Deletion {
  checkPreconditions(served, object, options);
  const { strategy } = served.definition;
  const now = context.now;
  // What is going and is kept by its kind stays as it is.
  if (object.metadata.deletionTimestamp !== undefined && !(strategy.mayVanish?.(object) ?? true)) {
    return { action: 'none' };
  }
  const asked =
    options.gracePeriodSeconds !== undefined && options.gracePeriodSeconds < 0
      ? 1
      : options.gracePeriodSeconds;
  const grace = graceOf(object, asked, now, (wanted) => strategy.gracePeriodSeconds?.(object, wanted));
  if (grace === 'pending') return { action: 'none' };
  const finalizers = finalizersFor(object, options, strategy.defaultPropagation);
  const held = finalizers.length > 0 || !(strategy.mayVanish?.(object) ?? true);
  if (grace === 'none') {
    if (!held) return { action: 'remove' };
    const marked: ApiObject = cloneJson(object);
    setFinalizers(marked, finalizers);
    markAsDeleting(marked, now);
    strategy.prepareForDelete?.(marked, context);
    return { action: 'mark', object: marked };
  }
  const marked: ApiObject = cloneJson(object);
  setFinalizers(marked, finalizers);
  if (object.metadata.deletionTimestamp === undefined) countGeneration(marked);
  marked.metadata.deletionTimestamp = rfc3339(grace.at);
  marked.metadata.deletionGracePeriodSeconds = grace.seconds;
  if (grace.seconds === 0 && !held) return { action: 'remove', object: marked };
  strategy.prepareForDelete?.(marked, context);
  return { action: 'mark', object: marked };
}

type Grace = 'none' | 'pending' | { readonly seconds: Int64; readonly at: number };

/** `none`: no (more) time to give; `pending`: time is running already and stays as it is; else the time to give. */
function graceOf(
  object: DeepReadonly<ApiObject>,
  asked: Int64 | undefined,
  now: number,
  byKind: (asked: Int64 | undefined) => Int64 | undefined,
): Grace {
  const { deletionTimestamp, deletionGracePeriodSeconds: running = 0 } = object.metadata;
  if (deletionTimestamp === undefined) {
    const seconds = byKind(asked);
    return seconds === undefined ? 'none' : { seconds, at: now + milliseconds(seconds) };
  }
  if (running === 0) return 'none';
  if (byKind(asked) === undefined) return 'none';
  if (asked === undefined || asked >= running) return 'pending';
  const at = Date.parse(deletionTimestamp) - milliseconds(running) + milliseconds(asked);
  if (at >= now) return { seconds: asked, at };
  return { seconds: asked === 0 ? 0 : 1, at: now };
}

/** Seconds as upstream adds them to a time: as nanoseconds in 64 bits, which overflow after 292 years. */
function milliseconds(seconds: Int64): number {
  return Number(BigInt.asIntN(64, BigInt(seconds) * 1_000_000_000n) / 1_000_000n);
}

function checkPreconditions(
  served: ServedResource,
  object: DeepReadonly<ApiObject>,
  { preconditions }: DeleteOptions,
): void {
  if (preconditions === undefined || preconditions === null) return;
  const { kind, storedAs } = served.definition;
  const group = storedAs?.group ?? served.definition.group;
  const { name, uid, resourceVersion } = object.metadata;
  if (preconditions.uid !== undefined && preconditions.uid !== uid) {
    throw newConflict(
      group,
      kind,
      name,
      `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    );
  }
  if (preconditions.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
    throw newConflict(
      group,
      kind,
      name,
      `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    );
  }
}

/** The finalizers that the object has once the propagation asked for is written into them. */
function finalizersFor(
  object: DeepReadonly<ApiObject>,
  options: DeleteOptions,
  byDefault: Strategy<ApiObject>['defaultPropagation'],
): readonly string[] {
  const present = object.metadata.finalizers ?? [];
  const others = present.filter((each) => each !== ORPHAN && each !== FOREGROUND);
  if (byDefault === 'Unsupported') return others;
  const { orphanDependents, propagationPolicy } = options;
  if (orphanDependents !== undefined) return orphanDependents ? [...others, ORPHAN] : others;
  switch (propagationPolicy) {
    case 'Orphan':
      return [...others, ORPHAN];
    case 'Foreground':
      return [...others, FOREGROUND];
    case 'Background':
      return others;
  }
  const chosen = present.find((each) => each === ORPHAN || each === FOREGROUND);
  if (chosen !== undefined) return [...others, chosen];
  return byDefault === 'Orphan' ? [...others, ORPHAN] : others;
}

function setFinalizers(object: ApiObject, finalizers: readonly string[]): void {
  if (finalizers.length === 0) delete object.metadata.finalizers;
  else object.metadata.finalizers = [...finalizers];
}

function markAsDeleting(object: ApiObject, now: number): void {
  const { metadata } = object;
  if (metadata.deletionTimestamp === undefined) countGeneration(object);
  if (metadata.deletionTimestamp === undefined || Date.parse(metadata.deletionTimestamp) > now) {
    metadata.deletionTimestamp = rfc3339(now);
  }
  metadata.deletionGracePeriodSeconds = 0;
}

function countGeneration(object: ApiObject): void {
  const { generation } = object.metadata;
  if (generation !== undefined && generation > 0) object.metadata.generation = Number(generation) + 1;
}
