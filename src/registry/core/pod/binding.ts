import type { ApiRequest } from '../../../apimachinery/api-request.ts';
import { rfc3339 } from '../../../apimachinery/clock.ts';
import { findCondition } from '../../../apimachinery/meta/conditions.ts';
import type { ApiObject } from '../../../apimachinery/meta/object.ts';
import { newBadRequest, newConflict, StatusError } from '../../../apimachinery/status-error.ts';
import { validateBinding } from '../../../apis/core/index.ts';
import type { Binding, Pod } from '../../../apis/core/types.ts';
import type { Backend, CustomSubresource, RequestContext } from '../../../apiserver/resource.ts';

/** `pods/binding`: gives a pod to a node, once. */
export const podBinding: CustomSubresource = {
  kind: 'custom',
  verbs: ['create'],
  body: { group: '', version: 'v1', kind: 'Binding', schema: 'io.k8s.api.core.v1.Binding' },
  async handle(request, context, backend) {
    const binding = (request.body ?? {}) as Partial<Binding>;
    const name = request.name ?? '';
    if ((binding.metadata?.name ?? '') !== name) {
      throw newBadRequest('name in URL does not match name in Binding object');
    }
    const errors = validateBinding(binding);
    if (errors.length > 0) {
      const texts = errors.map((error) => error.toString());
      // Upstream answers a bare list of errors here, which its server turns into a 500 without a reason.
      throw new StatusError(500, '', texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`);
    }
    await assign(request, context, backend, binding);
    const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
    return { kind: 'object', code: 201, object: status };
  },
};

async function assign(
  request: ApiRequest,
  context: RequestContext,
  backend: Backend,
  binding: Partial<Binding>,
): Promise<void> {
  const { metadata, target } = binding;
  const pods: ApiRequest = { ...request, verb: 'update', resource: 'pods' };
  const dryRun = request.parameters?.['dryRun'] === 'All';
  const bind = (object: ApiObject): void => {
    const pod = object as Pod;
    checkPreconditions(pod, metadata);
    refuseUnassignable(pod);
    pod.spec.nodeName = target?.name ?? '';
    delete pod.status.nominatedNodeName;
    for (const field of ['annotations', 'labels'] as const) {
      const added = metadata?.[field];
      if (added) pod.metadata[field] = { ...pod.metadata[field], ...added };
    }
    markScheduled(pod, rfc3339(context.now));
  };
  await backend.update(withoutSubresource(pods), bind, context, { raw: true, dryRun });
}

function withoutSubresource(request: ApiRequest): ApiRequest {
  const { subresource: _, ...ofObject } = request;
  return ofObject;
}

function checkPreconditions(pod: Pod, wanted: Partial<Binding['metadata']> | undefined): void {
  const { uid, resourceVersion, name, namespace } = pod.metadata;
  const check = (field: string, asked: string | undefined, found: string): void => {
    if (!asked || asked === found) return;
    // It is upstream's storage that says so.
    const why = `StorageError: invalid object, Code: 4, Key: /registry/pods/${namespace}/${name}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ${field} in precondition: ${asked}, ${field} in object meta: ${found}`;
    throw newConflict('', 'pods', name, why);
  };
  check('UID', wanted?.uid, uid);
  check('ResourceVersion', wanted?.resourceVersion, resourceVersion);
}

function refuseUnassignable({ metadata, spec }: Pod): void {
  const { name } = metadata;
  const refuse = (why: string): never => {
    throw newConflict('', 'pods/binding', name, why);
  };
  if (metadata.deletionTimestamp !== undefined) {
    refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  }
  if (spec.nodeName) {
    refuse(`pod ${name} is already assigned to node ${JSON.stringify(spec.nodeName)}`);
  }
  if (spec.schedulingGates?.length) refuse(`pod ${name} has non-empty .spec.schedulingGates`);
}

function markScheduled({ status }: Pod, time: string): void {
  const others = (status.conditions ?? []).filter((each) => each.type !== 'PodScheduled');
  const before = findCondition(status.conditions, 'PodScheduled');
  const lastTransitionTime = before?.status === 'True' ? (before.lastTransitionTime ?? time) : time;
  // Go writes the time of the last probe, which nobody sets, as null.
  const lastProbeTime = null as unknown as string;
  status.conditions = [
    ...others,
    { type: 'PodScheduled', status: 'True', lastProbeTime, lastTransitionTime },
  ];
}
