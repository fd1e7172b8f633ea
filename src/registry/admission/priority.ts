import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import { newForbidden } from '../../apimachinery/status-error.ts';
import type { Pod } from '../../apis/core/types.ts';
import type { PriorityClass } from '../../apis/scheduling/index.ts';
import type { AdmissionPlugin, Backend, RequestContext } from '../../apiserver/resource.ts';
import type { Storage } from '../../storage/storage.ts';
import { forbidUnnamed } from './forbid.ts';

type AnyClass = DeepReadonly<PriorityClass>;
const CLASSES = '/scheduling.k8s.io/priorityclasses/';
/** The priority of pods where no class is the default. */
const DEFAULT_PRIORITY = 0;
const PREEMPT = 'PreemptLowerPriority';

/** Turns a pod's priority class into its priority. */
export const priority: AdmissionPlugin = {
  name: 'Priority',
  handles: ({ group, resource, subresource, verb }) =>
    group === '' && resource === 'pods' && subresource === undefined && verb !== 'delete',
  admit(object, old, context, backend) {
    if (object === undefined) return undefined;
    if (old === undefined) return setPriority(object as Pod, context, backend);
    keepPriority(object as Pod, old as DeepReadonly<Pod>);
    return undefined;
  },
};

/** Keeps the default priority class the only one. */
export const onlyDefaultClass: AdmissionPlugin = {
  name: 'Priority',
  phase: 'validating',
  handles: ({ group, resource, subresource, verb }) =>
    group === 'scheduling.k8s.io' &&
    resource === 'priorityclasses' &&
    subresource === undefined &&
    verb !== 'delete',
  async admit(object, _, context, backend) {
    if (object !== undefined) await refuseSecondDefault(object as PriorityClass, context, backend);
  },
};

/** Keeps the priority classes of the system from being deleted. */
export const systemClasses: AdmissionPlugin = {
  name: 'Priority',
  handles: ({ group, resource }) => group === 'scheduling.k8s.io' && resource === 'priorityclasses',
  admit(object, old, { request: { group, resource, verb } }) {
    const { name = '' } = old?.metadata ?? {};
    // Upstream looks at the name that was asked for, and a collection names none.
    if (verb === 'deletecollection') return;
    if (object !== undefined || !SYSTEM_CLASSES.includes(name)) return;
    throw newForbidden(group, resource, name, 'this is a system priority class and cannot be deleted');
  },
};

const SYSTEM_CLASSES: readonly string[] = ['system-node-critical', 'system-cluster-critical'];

function keepPriority({ spec }: Pod, old: DeepReadonly<Pod>): void {
  if (spec.priority === undefined && old.spec.priority !== undefined) spec.priority = old.spec.priority;
  const policy = old.spec.preemptionPolicy;
  if (spec.preemptionPolicy === undefined && policy !== undefined) spec.preemptionPolicy = policy;
}

async function setPriority(pod: Pod, { request }: RequestContext, { storage }: Backend): Promise<void> {
  const { spec } = pod;
  const found = await classOf(spec.priorityClassName, storage);
  if (spec.priorityClassName && found === undefined) {
    throw forbidUnnamed(request, pod, `no PriorityClass with name ${spec.priorityClassName} was found`);
  }
  if (found) spec.priorityClassName = found.metadata.name;
  const value = found?.value ?? DEFAULT_PRIORITY;
  if (spec.priority !== undefined && spec.priority !== value) {
    const why = `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`;
    throw forbidUnnamed(request, pod, why);
  }
  spec.priority = value;
  const policy = found === undefined ? PREEMPT : found.preemptionPolicy;
  if (policy === undefined) return;
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
    const why = `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`;
    throw forbidUnnamed(request, pod, why);
  }
  spec.preemptionPolicy = policy;
}

/** The class of that name, or the default class for no name. */
async function classOf(name: string | undefined, storage: Storage): Promise<AnyClass | undefined> {
  if (name) return (await storage.get(CLASSES + name))?.object as AnyClass | undefined;
  const { items } = await storage.list(CLASSES);
  const defaults = items.map(({ object }) => object as AnyClass).filter((each) => each.globalDefault);
  return defaults.sort((a, b) => (a.value ?? 0) - (b.value ?? 0))[0];
}

async function refuseSecondDefault(
  wanted: PriorityClass,
  { request }: RequestContext,
  { storage }: Backend,
): Promise<void> {
  if (!wanted.globalDefault) return;
  const present = await classOf(undefined, storage);
  if (present === undefined || present.metadata.name === wanted.metadata.name) return;
  const why = `PriorityClass ${present.metadata.name} is already marked as default. Only one default can exist`;
  throw forbidUnnamed(request, wanted as ApiObject, why);
}
