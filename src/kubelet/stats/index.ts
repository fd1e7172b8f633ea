/**
 * What a node, its pods and their containers use, for those who watch over them. Upstream: pkg/kubelet/server/stats, pkg/kubelet/metrics
 * and cAdvisor.
 *
 * What it guarantees: figures are measured when somebody asks, so that a node at which nobody looks does nothing for it; they come from
 * the control groups in which the node agent counts, and what has none is left out, not guessed.
 */
export { NodeStats } from './node-stats.ts';
