import { socketsAmong } from '../socket-trouble.ts';

/** Where containerd listens on common systems: by itself, inside k3s, inside MicroK8s. */
export const CONTAINERD_SOCKETS: readonly string[] = [
  '/run/containerd/containerd.sock',
  '/run/k3s/containerd/containerd.sock',
  '/var/snap/microk8s/common/run/containerd.sock',
];

/** Those of containerd's usual sockets that are there, in that order; whether anybody answers is not asked. */
export function findContainerdSockets(): readonly string[] {
  return socketsAmong(CONTAINERD_SOCKETS);
}
