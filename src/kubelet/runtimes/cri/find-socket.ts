import { statSync } from 'node:fs';

/** Where containerd listens on common systems: by itself, inside k3s, inside MicroK8s. */
export const CONTAINERD_SOCKETS: readonly string[] = [
  '/run/containerd/containerd.sock',
  '/run/k3s/containerd/containerd.sock',
  '/var/snap/microk8s/common/run/containerd.sock',
];

/** The first of containerd's usual sockets that is there; whether anybody answers is not asked. */
export function findContainerdSocket(): string | undefined {
  return CONTAINERD_SOCKETS.find((path) => {
    try {
      return statSync(path).isSocket();
    } catch {
      return false; // Not there, or in a directory that is none of this user's business.
    }
  });
}
