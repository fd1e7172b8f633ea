import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * What of which machine this process sees: its host, and on Linux the namespace of its processes (`pid`) or of its files
 * (`mnt`). A pid, or a path, means the same to two processes only where they have the same view.
 */
export function viewOf(namespace: 'pid' | 'mnt'): string {
  try {
    return `${hostname()} ${readlinkSync(`/proc/self/ns/${namespace}`)}`;
  } catch {
    return hostname(); // No Linux.
  }
}
