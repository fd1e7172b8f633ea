/**
 * Makes the claims of pods' generic ephemeral volumes. Upstream: pkg/controller/volume/ephemeral.
 *
 * What it guarantees: each such volume of a pod that is not going has a claim that the pod owns; a claim of that name which
 * the pod does not own is left, and the pod's owner is told.
 */
export { newEphemeralVolumeController } from './ephemeral-volume-controller.ts';
