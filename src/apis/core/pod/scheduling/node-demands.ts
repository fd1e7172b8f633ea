/** What a pod asks of the node that it runs on, besides amounts: which nodes will do, and which ports of the node it takes. */
import type { DeepReadonly } from '../../../../apimachinery/meta/object.ts';
import { type Labels, labelMatch, nodeTermMatch } from '../../label-match.ts';
import type { PodSpec } from '../../types.ts';

/** A port that a pod wants on its node. */
export interface HostPort {
  /** `0.0.0.0` for every address. */
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

/** Whether a node with these labels and this name is meant. */
export type NodeMatch = (labels: Labels, nodeName: string) => boolean;

/** Ports on the host that the pod's containers and sidecars take. */
export function hostPorts(spec: DeepReadonly<PodSpec>): readonly HostPort[] {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...spec.containers, ...sidecars].flatMap(({ ports = [] }) =>
    ports
      .filter(({ hostPort }) => hostPort !== undefined && hostPort > 0)
      .map(({ hostIP, protocol, hostPort }) => ({
        ip: hostIP || '0.0.0.0',
        protocol: protocol || 'TCP',
        port: hostPort ?? 0,
      })),
  );
}

/** The terms of required node affinity; absent when there is none. */
export function requiredTerms(spec: DeepReadonly<PodSpec>) {
  return spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
}

/** From nodeSelector and required node affinity; absent when any node will do. */
export function requiredNodes(spec: DeepReadonly<PodSpec>): NodeMatch | undefined {
  const terms = requiredTerms(spec)?.map(nodeTermMatch);
  const { nodeSelector } = spec;
  if (terms === undefined && (nodeSelector === undefined || Object.keys(nodeSelector).length === 0)) {
    return undefined;
  }
  const selected = labelMatch(nodeSelector === undefined ? {} : { matchLabels: nodeSelector });
  return (labels, name) =>
    selected(labels) && (terms === undefined || terms.some((matches) => matches(labels, name)));
}
