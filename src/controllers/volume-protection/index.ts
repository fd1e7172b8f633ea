/**
 * Keeps claims that pods use, and volumes that are bound, from going. Upstream: pkg/controller/volume/pvcprotection and
 * pvprotection.
 *
 * What it guarantees: the finalizer of a claim that is being deleted goes when no pod on a node names it any more; that of a
 * volume when it is not bound. Claims and volumes that lack the finalizer get it.
 */
export { newVolumeProtectionControllers } from './volume-protection-controller.ts';
