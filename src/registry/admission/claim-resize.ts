import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { compareAmounts } from '../../apis/core/index.ts';
import type { PersistentVolumeClaim } from '../../apis/core/types.ts';
import type { StorageClass } from '../../apis/storage/index.ts';
import type { AdmissionPlugin, Backend } from '../../apiserver/resource.ts';
import { forbid } from './forbid.ts';

type Claim = DeepReadonly<PersistentVolumeClaim>;

const sizeOf = ({ spec }: Claim): string => spec.resources?.requests?.['storage'] ?? '0';

/** Lets a claim grow only when it is bound and its class says that its volumes can. */
export const claimResize: AdmissionPlugin = {
  name: 'PersistentVolumeClaimResize',
  phase: 'validating',
  handles: ({ group, resource, subresource, verb }) =>
    group === '' && resource === 'persistentvolumeclaims' && subresource === undefined && verb !== 'delete',
  async admit(object, old, { request }, backend) {
    if (object === undefined || old === undefined) return;
    const [now, before] = [object, old] as unknown as [Claim, Claim];
    if (compareAmounts(sizeOf(now), sizeOf(before)) <= 0) return;
    if (before.status.phase !== 'Bound') {
      throw forbid(request, object, 'Only bound persistent volume claims can be expanded');
    }
    if (!(await mayGrow(now, before, backend))) {
      const why =
        'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';
      throw forbid(request, object, why);
    }
  },
};

async function mayGrow(now: Claim, before: Claim, { storage }: Backend): Promise<boolean> {
  const name = now.spec.storageClassName ?? '';
  if (name === '' || name !== before.spec.storageClassName) return false;
  const found = (await storage.get(`/storage.k8s.io/storageclasses/${name}`))?.object;
  return (found as unknown as StorageClass | undefined)?.allowVolumeExpansion === true;
}
