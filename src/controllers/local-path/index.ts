/**
 * Makes directories of the nodes' disks into volumes: the provisioner of the class `local-path`. Kubernetes has none of
 * its own; this one does what Rancher's of that name does, which k3s and kind install.
 *
 * What it guarantees: a claim of the class that was given a node of this machine, or of an agent's, gets a directory of its
 * own there and a volume that only this node reaches; the directory goes with the volume when the class says Delete, and
 * stays when it says Retain. A node that does not answer is asked again.
 *
 * What it does not do: it holds nobody to the size that a claim asks for.
 */
export { newLocalPathProvisioner, type VolumeDirectories } from './local-path-provisioner.ts';
