/** Limit ranges: fills in what containers do not say, and refuses what is out of range. */
import type { ApiRequest } from '../../apimachinery/api-request.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import { applyLimits, limitViolations } from '../../apis/core/index.ts';
import type { LimitRange, PersistentVolumeClaim, Pod } from '../../apis/core/types.ts';
import type { AdmissionPlugin, Backend } from '../../apiserver/resource.ts';
import { forbid } from './forbid.ts';

type Range = DeepReadonly<LimitRange>;

/** Whether limit ranges have a say in a request: about new pods and claims, and pods that are resized. */
function concerns({ group, resource, subresource, verb }: ApiRequest): boolean {
  if (group !== '' || verb === 'delete') return false;
  if (subresource !== undefined) return resource === 'pods' && subresource === 'resize';
  return resource === 'pods' || resource === 'persistentvolumeclaims';
}

/** The ranges that a request is held against; none where nothing of it may be changed or refused. */
async function rangesFor(
  object: ApiObject | undefined,
  old: DeepReadonly<ApiObject> | undefined,
  request: ApiRequest,
  { storage }: Backend,
): Promise<readonly Range[]> {
  if (object === undefined || old?.metadata.deletionTimestamp !== undefined) return [];
  if (request.resource === 'pods' && old !== undefined && request.subresource === undefined) return [];
  const { items } = await storage.list(`/core/limitranges/${request.namespace ?? ''}/`);
  return items.map((item) => item.object as Range);
}

/** Fills in what the containers of a new pod do not state. */
export const limitDefaults: AdmissionPlugin = {
  name: 'LimitRanger',
  handles: (request) => request.resource === 'pods' && concerns(request),
  async admit(object, old, { request }, backend) {
    for (const range of await rangesFor(object, old, request, backend)) applyLimits(range, object as Pod);
  },
};

/** Refuses what is out of range. */
export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  phase: 'validating',
  handles: concerns,
  async admit(object, old, { request }, backend) {
    for (const range of await rangesFor(object, old, request, backend)) {
      const violations = limitViolations(range, object as Pod | PersistentVolumeClaim);
      if (violations.length === 0) continue;
      throw forbid(
        request,
        object,
        violations.length === 1 ? (violations[0] ?? '') : `[${violations.join(', ')}]`,
      );
    }
  },
};
