/** The directory that a PersistentVolumeClaim of a pod stands for. Source: pkg/kubelet/volumemanager (messages). */

import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { messageOf } from '../../apimachinery/thrown.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../apis/core/types.ts';
import { type Client, PERSISTENTVOLUMECLAIMS, PERSISTENTVOLUMES } from '../../client/index.ts';
import { ConfigError } from '../environment/config-error.ts';
import { checkHostPath } from './host-path.ts';

/** A directory of this machine that a claim is bound to. */
export interface ClaimedDirectory {
  readonly path: string;
  /** Whether it becomes the pod's group's (fsGroup): what is somebody else's directory (hostPath) does not. */
  readonly managed: boolean;
}

/** Resolves with the directory of a bound claim; throws {@link ConfigError} with what is wrong. */
export async function claimedDirectory(
  client: Client,
  namespace: string,
  claimName: string,
): Promise<ClaimedDirectory> {
  const failed = (why: string): ConfigError =>
    new ConfigError(`error processing PVC ${namespace}/${claimName}: ${why}`);
  const claim = await client
    .get<PersistentVolumeClaim>(PERSISTENTVOLUMECLAIMS, namespace, claimName)
    .catch((error: unknown) => {
      throw failed(`failed to fetch PVC from API server: ${messageOf(error)}`);
    });
  if (claim.status?.phase !== 'Bound') throw failed('PVC is not bound');
  const { volumeName } = claim.spec ?? {};
  if (!volumeName) throw failed('PVC has empty pvc.Spec.VolumeName');
  const volume = await client
    .get<PersistentVolume>(PERSISTENTVOLUMES, '', volumeName)
    .catch((error: unknown) => {
      throw failed(`failed to fetch PV ${volumeName} from API server: ${messageOf(error)}`);
    });
  const { claimRef } = volume.spec ?? {};
  if (claimRef === undefined) {
    throw failed(
      `found PV object ${volumeName} but it has a nil pv.Spec.ClaimRef indicating it is not yet bound to the claim`,
    );
  }
  const { uid } = claim.metadata;
  if (claimRef.uid !== uid) {
    throw failed(
      `found PV object ${volumeName} but its pv.Spec.ClaimRef.UID ${claimRef.uid} does not point to claim.UID ${uid}`,
    );
  }
  return directoryOf(volume);
}

async function directoryOf({ metadata, spec }: DeepReadonly<PersistentVolume>): Promise<ClaimedDirectory> {
  const { hostPath, local } = spec ?? {};
  if (hostPath !== undefined) {
    await checkHostPath(hostPath);
    return { path: hostPath.path, managed: false };
  }
  if (local !== undefined) {
    await checkHostPath({ path: local.path, type: 'Directory' }).catch(() => {
      throw new ConfigError(`path "${local.path}" does not exist`);
    });
    return { path: local.path, managed: true };
  }
  throw new ConfigError(`persistent volume ${metadata.name} is neither of kind hostPath nor local`);
}
