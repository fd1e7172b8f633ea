import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isGivenEmpty } from '../../apimachinery/schema/index.ts';
import { StatusError } from '../../apimachinery/status-error.ts';
import { sameMeaning } from '../../apis/core/index.ts';
import type { Pod, Toleration } from '../../apis/core/types.ts';
import type { RuntimeClass } from '../../apis/node/index.ts';
import type { AdmissionPlugin, RequestContext } from '../../apiserver/resource.ts';
import { forbidUnnamed, unusableName } from './forbid.ts';

type AnyClass = DeepReadonly<RuntimeClass>;
type AnyToleration = DeepReadonly<Toleration>;

/** Gives a new pod the overhead and the scheduling rules of its runtime class. */
export const runtimeClassPlugin: AdmissionPlugin = {
  name: 'RuntimeClass',
  handles: ({ group, resource, subresource, verb }) =>
    group === '' && resource === 'pods' && subresource === undefined && verb !== 'delete',
  async admit(object, old, context, { storage }) {
    if (object === undefined || old !== undefined) return;
    const pod = object as Pod;
    const refuse = (why: string): Error => forbidUnnamed(context.request, pod, why);
    const { runtimeClassName } = pod.spec;
    let found: AnyClass | undefined;
    if (runtimeClassName !== undefined) {
      const unusable = unusableName(runtimeClassName);
      if (unusable !== undefined) throw new StatusError(500, '', unusable);
      const stored = await storage.get(`/node.k8s.io/runtimeclasses/${runtimeClassName}`);
      if (stored === undefined) {
        throw refuse(`pod rejected: RuntimeClass ${JSON.stringify(runtimeClassName)} not found`);
      }
      found = stored.object as unknown as AnyClass;
    }
    setOverhead(pod, found, refuse);
    if (found?.scheduling !== undefined) setScheduling(pod, found.scheduling, context);
  },
};

/** Refuses a new pod with an overhead of its own. */
export const noOwnOverhead: AdmissionPlugin = {
  name: 'RuntimeClass',
  phase: 'validating',
  handles: (request) => runtimeClassPlugin.handles(request),
  async admit(object, old, { request }, { storage }) {
    if (object === undefined || old !== undefined) return;
    const { spec } = object as Pod;
    if (spec.overhead === undefined && !isGivenEmpty(spec, 'overhead')) return;
    const stored = await storage.get(`/node.k8s.io/runtimeclasses/${spec.runtimeClassName ?? ''}`);
    if ((stored?.object as unknown as AnyClass | undefined)?.overhead !== undefined) return;
    const why = 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead';
    throw forbidUnnamed(request, object, why);
  },
};

function setOverhead({ spec }: Pod, found: AnyClass | undefined, refuse: (why: string) => Error): void {
  if (found?.overhead === undefined) return;
  const overhead = found.overhead.podFixed ?? {};
  const own = spec.overhead ?? {};
  if (Object.keys(own).length > 0 && !sameMeaning(own, overhead, 'overhead')) {
    throw refuse("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
  }
  if (found.overhead.podFixed !== undefined) spec.overhead = { ...overhead };
}

function setScheduling(
  pod: Pod,
  { nodeSelector = {}, tolerations = [] }: DeepReadonly<NonNullable<RuntimeClass['scheduling']>>,
  { request }: RequestContext,
): void {
  const { spec } = pod;
  for (const [key, value] of Object.entries(nodeSelector)) {
    const own = spec.nodeSelector?.[key];
    if (own === undefined || own === value) continue;
    const why = `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`;
    throw forbidUnnamed(request, pod, why);
  }
  if (Object.keys(nodeSelector).length > 0) spec.nodeSelector = { ...spec.nodeSelector, ...nodeSelector };
  const merged = mergeTolerations([...(spec.tolerations ?? []), ...tolerations]);
  if (merged.length > 0) spec.tolerations = merged.map((each) => ({ ...each }));
}

/** All of them but those that another covers; of equal ones the first stays. */
function mergeTolerations(all: readonly AnyToleration[]): AnyToleration[] {
  const merged: AnyToleration[] = [];
  for (const [at, each] of all.entries()) {
    const later = all.slice(at + 1).filter((other) => !sameMeaning(each, other));
    if (![...merged, ...later].some((other) => covers(other, each))) merged.push(each);
  }
  return merged;
}

/** Whether whatever `inner` tolerates, `outer` does too. */
function covers(outer: AnyToleration, inner: AnyToleration): boolean {
  if (sameMeaning(outer, inner)) return true;
  if ((inner.key ?? '') !== (outer.key ?? '') && (outer.key || outer.operator !== 'Exists')) return false;
  if ((inner.effect ?? '') !== (outer.effect ?? '') && outer.effect) return false;
  const seconds = outer.tolerationSeconds;
  if (outer.effect === 'NoExecute' && seconds !== undefined) {
    if (inner.tolerationSeconds === undefined || inner.tolerationSeconds > seconds) return false;
  }
  if (outer.operator === 'Exists') return true;
  return (
    (outer.operator ?? 'Equal') === 'Equal' &&
    inner.operator === 'Equal' &&
    (inner.value ?? '') === (outer.value ?? '')
  );
}
