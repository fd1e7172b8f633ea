/**
 * Binds claims to volumes and reclaims volumes whose claims have gone. Upstream: pkg/controller/volume/persistentvolume.
 *
 * What it is: a component that follows claims, volumes and storage classes.
 *
 * What it guarantees: a volume is bound to one claim at most; a claim that waits for its first pod is left to the
 * scheduler; a volume that is to be kept is never touched after its claim.
 *
 * What it does not do: it makes no volumes (provisioners do, see local-path), nor does it mount any (kubelet). It recycles
 * none: that policy has gone out of use in Kubernetes.
 */
export { newPersistentVolumeController } from './persistent-volume-controller.ts';
export type { RemoveDirectory } from './volume-reclaim.ts';
