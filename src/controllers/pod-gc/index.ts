/**
 * Removes pods that nobody else will. Upstream: pkg/controller/podgc.
 *
 * What it is: a component that looks every 20 seconds for pods of nodes that are gone (for 40 seconds at least), pods that
 * are being deleted but have no node to end them, pods being deleted on a node marked `node.kubernetes.io/out-of-service`,
 * and finished pods beyond a threshold, evicted and oldest first.
 *
 * What it guarantees: a pod that had not ended is Failed before it goes, so that whoever counts pods sees its end; one
 * whose node is gone has the condition DisruptionTarget; a node is asked for at the API server before its pods go.
 *
 * What it does not do: it marks no nodes, and leaves dependents to the garbage collector.
 */
export { newPodGarbageCollector } from './pod-gc-controller.ts';
