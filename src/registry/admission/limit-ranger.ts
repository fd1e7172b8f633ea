/** Limit ranges: fills in what containers do not say, and refuses what is out of range. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { applyLimits, limitViolations } from '../../apis/core/index.ts';
import type { LimitRange, PersistentVolumeClaim, Pod } from '../../apis/core/types.ts';
import type { AdmissionPlugin } from '../../apiserver/resource.ts';
import { forbid } from './forbid.ts';

/** Applies the limit ranges of a namespace to its new pods and claims, and to pods that are resized. */
export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  handles: ({ group, resource, subresource, verb }) => {
    if (group !== '' || verb === 'delete') return false;
    if (subresource !== undefined) return resource === 'pods' && subresource === 'resize';
    return resource === 'pods' || resource === 'persistentvolumeclaims';
  },
  async admit(object, old, { request }, { storage }) {
    if (object === undefined || old?.metadata.deletionTimestamp !== undefined) return;
    const isPod = request.resource === 'pods';
    if (isPod && old !== undefined && request.subresource === undefined) return;
    const { items } = await storage.list(`/core/limitranges/${request.namespace ?? ''}/`);
    if (items.length === 0) return;
    const ranges = items.map((item) => item.object as DeepReadonly<LimitRange>);
    if (isPod) for (const range of ranges) applyLimits(range, object as Pod);
    for (const range of ranges) {
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
