/**
 * Looks after the health of nodes. Upstream: pkg/controller/nodelifecycle.
 *
 * What it is: a component that calls a node unreachable when neither its lease nor its status has been renewed for 40
 * seconds (Ready becomes Unknown), marks the pods there as not ready, and keeps the taints that follow from a node's
 * conditions: NoSchedule at once, NoExecute (which ends pods, see taint-eviction) at the pace of its zone.
 *
 * What it guarantees: a node's silence is measured by this process's monotonic clock from what it saw itself, never by the
 * node's own clock; when no node answers, nobody is evicted, for then it is more likely this side that is cut off; a node
 * that answers again loses its taints with the next look.
 *
 * What it does not do: it deletes neither nodes nor pods.
 */
export { type NodeLifecycleOptions, newNodeLifecycleController } from './node-lifecycle-controller.ts';
