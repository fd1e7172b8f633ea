/**
 * Persistent volume claims. Upstream: plugins/volumebinding. Nobody provisions or binds volumes here: a claim is of use once
 * an administrator (or a controller of theirs) has bound it.
 */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Volume } from '../../apis/core/types.ts';
import type { ClusterState } from '../cluster-state.ts';
import { nodeTermMatch } from '../label-match.ts';
import type { PodFacts } from '../pod-facts.ts';
import { type Filter, final } from './filter.ts';

const ELSEWHERE = final("node(s) didn't match PersistentVolume's node affinity");

/** Turns a pod down whose claims are missing or not bound, and nodes that the claims' volumes cannot be reached from. */
export const volumeClaims: Filter = (pod, cluster) => {
  const volumeNames: string[] = [];
  let unbound = false;
  for (const volume of pod.pod.spec.volumes ?? []) {
    const claimed = claimOf(volume, pod, cluster);
    if (claimed === undefined) continue;
    if ('why' in claimed) return claimed.why;
    if (claimed.bound === undefined) unbound = true;
    else volumeNames.push(claimed.bound);
  }
  if (unbound) return 'pod has unbound immediate PersistentVolumeClaims';
  const reachable = volumeNames.flatMap((name) => {
    const terms = cluster.volume(name)?.spec.nodeAffinity?.required?.nodeSelectorTerms;
    return terms === undefined ? [] : [terms.map(nodeTermMatch)];
  });
  if (reachable.length === 0) return undefined;
  return (state) =>
    reachable.every((terms) => terms.some((matches) => matches(state.labels, state.name)))
      ? undefined
      : ELSEWHERE;
};

/** The volume that the claim of a pod's volume is bound to, or what is wrong with the claim; undefined where there is none. */
function claimOf(
  { name, persistentVolumeClaim, ephemeral }: DeepReadonly<Volume>,
  { namespace, pod }: PodFacts,
  cluster: ClusterState,
): { readonly bound: string | undefined } | { readonly why: string } | undefined {
  if (persistentVolumeClaim === undefined && ephemeral === undefined) return undefined;
  const claimName = persistentVolumeClaim?.claimName ?? `${pod.metadata.name}-${name}`;
  const claim = cluster.claim(namespace, claimName);
  const quoted = `persistentvolumeclaim "${claimName}"`;
  if (claim === undefined) {
    return ephemeral === undefined
      ? { why: `${quoted} not found` }
      : { why: `waiting for ephemeral volume controller to create the ${quoted}` };
  }
  const { volumeName } = claim.spec;
  if (claim.status.phase === 'Lost') {
    return { why: `${quoted} bound to non-existent persistentvolume "${volumeName ?? ''}"` };
  }
  if (claim.metadata.deletionTimestamp !== undefined) return { why: `${quoted} is being deleted` };
  return { bound: volumeName || undefined };
}
