/**
 * Deletes objects whose owners are gone (metadata.ownerReferences). Upstream: pkg/controller/garbagecollector.
 *
 * What it is: a component with a graph of who owns whom, kept by the informers of all kinds it is given, and workers that
 * look at an object when something about its owners or dependents changed.
 *
 * What it guarantees: an object goes only when the API server confirms, by uid, that none of its owners is there; with
 * foreground deletion an owner goes after the dependents that block it, with orphan deletion the dependents stay and lose
 * their reference; the cost follows the objects concerned, never the number of all.
 *
 * What it does not do: it deletes nothing whose owner is of a kind it was not given, and it makes no owner references.
 *
 * Worked example. A Job is deleted in the background: its node leaves the graph and its pods are looked at. For each, the
 * pod is read, its one reference is found to lead nowhere (the Job is asked for once, then remembered as absent), and the
 * pod is deleted under its uid and resourceVersion. Had somebody given the pod a second owner that exists, the dead
 * reference alone would have been removed.
 */
export { newGarbageCollector } from './garbage-collector.ts';
