/** Persistent volume claims. Upstream: plugins/volumebinding. */
import type { Filter } from './filter.ts';

/** Turns a pod down that uses a claim: this API serves no claims, so the one named cannot be found. */
export const volumeClaims: Filter = ({ pod }) => {
  for (const { persistentVolumeClaim } of pod.spec.volumes ?? []) {
    if (persistentVolumeClaim !== undefined) {
      return `persistentvolumeclaim "${persistentVolumeClaim.claimName}" not found`;
    }
  }
  return undefined;
};
