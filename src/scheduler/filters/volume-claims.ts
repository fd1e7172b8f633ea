/**
 * Persistent volume claims. Upstream: plugins/volumebinding. A claim is bound before its pod is placed, or waits for that
 * (volumeBindingMode WaitForFirstConsumer): then a node must reach a free volume for it, or one must be made there.
 */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { classOfClaim, findVolume, NO_PROVISIONER, SELECTED_NODE } from '../../apis/core/index.ts';
import { nodeTermMatch } from '../../apis/core/label-match.ts';
import type { PersistentVolume, PersistentVolumeClaim, Volume } from '../../apis/core/types.ts';
import type { StorageClass } from '../../apis/storage/index.ts';
import type { ClusterState } from '../cluster-state.ts';
import type { NodeState } from '../node-state.ts';
import type { PodFacts } from '../pod-facts.ts';
import { type Filter, final } from './filter.ts';

type Claim = DeepReadonly<PersistentVolumeClaim>;
type AnyVolume = DeepReadonly<PersistentVolume>;

const ELSEWHERE = final("node(s) didn't match PersistentVolume's node affinity");
const NOTHING_TO_BIND = final("node(s) didn't find available persistent volumes to bind");
const NO_VOLUME = final('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)');

/** Turns a pod down whose claims are missing or not bound, and nodes that the claims' volumes cannot be reached from. */
export const volumeClaims: Filter = (pod, cluster) => {
  const volumeNames: string[] = [];
  const waiting: Claim[] = [];
  for (const volume of pod.pod.spec.volumes ?? []) {
    const claimed = claimOf(volume, pod, cluster);
    if (claimed === undefined) continue;
    if ('why' in claimed) return claimed.why;
    const { claim } = claimed;
    if (claim.spec.volumeName) volumeNames.push(claim.spec.volumeName);
    else if (waitsForPod(claim, cluster)) waiting.push(claim);
    else return 'pod has unbound immediate PersistentVolumeClaims';
  }
  if (volumeNames.length + waiting.length === 0) return undefined;
  const reachable = volumeNames.map((name) => {
    const volume = cluster.volume(name);
    return volume === undefined ? undefined : reaches(volume);
  });
  return (state) => {
    for (const isReached of reachable) {
      if (isReached === undefined) return NO_VOLUME;
      if (!isReached(state)) return ELSEWHERE;
    }
    return volumesOn(state, waiting, cluster) === undefined ? NOTHING_TO_BIND : undefined;
  };
};

/** Claims of a pod that wait for its place. */
export function waitingClaims(pod: PodFacts, cluster: ClusterState): readonly Claim[] {
  return (pod.pod.spec.volumes ?? []).flatMap((volume) => {
    const claimed = claimOf(volume, pod, cluster);
    if (claimed === undefined || 'why' in claimed) return [];
    return waitsForPod(claimed.claim, cluster) ? [claimed.claim] : [];
  });
}

function waitsForPod(claim: Claim, cluster: ClusterState): boolean {
  return !claim.spec.volumeName && classOf(claim, cluster)?.volumeBindingMode === 'WaitForFirstConsumer';
}

function classOf(claim: Claim, cluster: ClusterState): DeepReadonly<StorageClass> | undefined {
  const name = classOfClaim(claim);
  return name === '' ? undefined : cluster.storageClass(name);
}

/**
 * The volume that each of the claims gets when their pod goes to this node, undefined for one that is to be made there;
 * undefined as a whole when the node will not do.
 */
export function volumesOn(
  state: NodeState,
  claims: readonly Claim[],
  cluster: ClusterState,
): ReadonlyMap<Claim, AnyVolume | undefined> | undefined {
  const found = new Map<Claim, AnyVolume | undefined>();
  const taken = new Set<string>();
  for (const claim of claims) {
    const selected = claim.metadata.annotations?.[SELECTED_NODE];
    if (selected !== undefined) {
      if (selected !== state.name) return undefined;
      found.set(claim, undefined);
      continue;
    }
    const free = cluster.volumes().filter(({ metadata }) => !taken.has(metadata.name));
    const volume = findVolume(claim, free, true, (each) => reaches(each)(state));
    if (volume === undefined && !mayBeMadeOn(state, claim, cluster)) return undefined;
    if (volume !== undefined) taken.add(volume.metadata.name);
    found.set(claim, volume);
  }
  return found;
}

/** Whether the class has somebody who makes volumes, and makes them for nodes like this one. */
function mayBeMadeOn({ labels }: NodeState, claim: Claim, cluster: ClusterState): boolean {
  const storageClass = classOf(claim, cluster);
  if (storageClass === undefined || storageClass.provisioner === NO_PROVISIONER) return false;
  const topologies = storageClass.allowedTopologies ?? [];
  return (
    topologies.length === 0 ||
    topologies.some(({ matchLabelExpressions = [] }) =>
      matchLabelExpressions.every(({ key, values }) => values.includes(labels[key] ?? '')),
    )
  );
}

function reaches({ spec }: AnyVolume): (state: NodeState) => boolean {
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms?.map(nodeTermMatch);
  if (terms === undefined) return () => true;
  return ({ labels, name }) => terms.some((matches) => matches(labels, name));
}

/** The claim of a pod's volume, or what is wrong with it; undefined where there is none. */
function claimOf(
  { name, persistentVolumeClaim, ephemeral }: DeepReadonly<Volume>,
  { namespace, pod }: PodFacts,
  cluster: ClusterState,
): { readonly claim: Claim } | { readonly why: string } | undefined {
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
  return { claim };
}
