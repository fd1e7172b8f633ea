import { socketsAmong } from '../socket-trouble.ts';

/** Where runtimes with CRI listen on common systems: containerd by itself, inside k3s and inside MicroK8s, then CRI-O. */
export const CRI_SOCKETS: readonly string[] = [
  '/run/containerd/containerd.sock',
  '/run/k3s/containerd/containerd.sock',
  '/var/snap/microk8s/common/run/containerd.sock',
  '/var/run/crio/crio.sock',
];

/** Those of the usual sockets that are there, in that order; whether anybody answers is not asked. */
export function findCriSockets(): readonly string[] {
  return socketsAmong(CRI_SOCKETS);
}
