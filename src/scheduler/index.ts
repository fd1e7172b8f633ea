/**
 * Gives pods their nodes. Upstream: kube-scheduler.
 *
 * What it is: a component that watches pods, nodes and namespaces, keeps a picture of who takes what where, and binds each
 * pod that names it (`spec.schedulerName`) through the `binding` subresource.
 *
 * What it guarantees: a pod with higher priority has its turn before one with lower, an older one before a younger; no node
 * is given more than it has; a pod that finds no node says why in its PodScheduled condition, in upstream's words, and has
 * its turn again when something changes that may help. The cost of a pod grows neither with the pods that are bound nor
 * with those that have ended.
 *
 * What it does not do: bind or provision volumes (a claim must be bound already), dynamic resource allocation, pod groups, disruption budgets.
 */
export { newScheduler } from './scheduler.ts';
