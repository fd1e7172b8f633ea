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
 * What it does not do: make volumes (it binds those that are free, and names the node to whoever makes the others), allocate
 * dynamic resources, schedule groups of pods together, ask extenders.
 *
 * Where things lie: `scheduler.ts` takes pods from `pending-pods.ts` and has `decide.ts` choose among the nodes of
 * `cluster-state.ts`, by `filters/` and `scores/`; `preemption.ts` makes room where none is left; what was decided is carried
 * out by `pod-binder.ts`, `volume-binder.ts`, `evictions.ts` and `pod-status.ts`.
 */
export { newScheduler } from './scheduler.ts';
