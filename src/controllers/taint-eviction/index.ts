/**
 * Ends pods on nodes with a NoExecute taint that they do not tolerate, or no longer. Upstream: pkg/controller/tainteviction.
 *
 * What it is: a component that deletes such a pod when its toleration's seconds have passed, with the condition
 * DisruptionTarget (DeletionByTaintManager), so that whoever counts pods knows why.
 *
 * What it guarantees: a pod whose node loses the taint in time stays; the seconds count on the monotonic clock from when
 * this process first saw pod and taint together.
 *
 * What is longshore's own: a pod of a Job stays for `jobPodSeconds` on a node that does not answer where the five minutes
 * that the server fills in would hold; neither the pod nor its Job reads otherwise for it.
 */
export { newTaintEvictionController, type TaintEvictionOptions } from './taint-eviction-controller.ts';
