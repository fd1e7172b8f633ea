/** Cordoned nodes and taints. Upstream: plugins/nodeunschedulable and plugins/tainttoleration. */
import { isTolerated, keepsAway } from '../tolerations.ts';
import { type Filter, final } from './filter.ts';

const UNSCHEDULABLE_TAINT = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' } as const;
const CORDONED = final('node(s) were unschedulable');
const TAINTED = final('node(s) had untolerated taint(s)');

/** Turns down nodes with `spec.unschedulable`, unless the pod bears that taint. */
export const unschedulable: Filter = (pod) => {
  if (isTolerated(pod.tolerations, UNSCHEDULABLE_TAINT)) return undefined;
  return (state) => (state.node?.spec.unschedulable ? CORDONED : undefined);
};

/** Turns down nodes with a taint (of effect NoSchedule or NoExecute) that the pod does not bear. */
export const taints: Filter = (pod) => (state) =>
  state.taints.length > 0 && keepsAway(state.taints, pod.tolerations) ? TAINTED : undefined;
