import type { Node } from '../../apis/core/types.ts';
import type { AdmissionPlugin } from '../../apiserver/resource.ts';

const NOT_READY = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' } as const;

/**
 * Keeps pods off a new node until the node lifecycle controller has seen what its conditions say. Upstream:
 * plugin/pkg/admission/nodetaint.
 */
export const nodeTaint: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  handles: ({ group, resource, subresource, verb }) =>
    group === '' && resource === 'nodes' && subresource === undefined && verb === 'create',
  admit(object) {
    const node = object as Partial<Node>;
    const { taints = [] } = node.spec ?? {};
    const isTainted = taints.some(({ key, effect }) => key === NOT_READY.key && effect === NOT_READY.effect);
    if (!isTainted) node.spec = { ...node.spec, taints: [...taints, { ...NOT_READY }] };
  },
};
