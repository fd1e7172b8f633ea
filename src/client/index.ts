/**
 * How every component talks to the API. Upstream: client-go.
 *
 * What it is: one {@link Client} of typed calls over a transport that is handed in (in process or HTTPS), and on it what
 * control loops are made of: informers, workqueues, a runner for reconcilers, events. And the kubeconfig files by which
 * others find the server.
 *
 * What it guarantees: in process, objects are shared and never copied, so they are read-only; an informer's handlers see
 * each object's states in order and a copy that is at least as new; a key of a queue is never worked on twice at a time;
 * an event never holds its sender up.
 *
 * Where things lie: `client.ts` and `informer.ts`, `workqueue.ts`, `controller.ts` are contracts; `typed-client.ts`, `shared-informer.ts`
 * over `reflector.ts`, `key-queue.ts` and `controller-runner.ts` keep them. `https/` is the transport to a server elsewhere.
 *
 * What it does not do: no call is tried again here, no call is limited in rate, and nothing here knows a server's inside.
 */
export type { Client, DeleteRequestOptions, List, Resource, Selection } from './client.ts';
export { componentContext, type OwnedComponentContext } from './component-context.ts';
export { ComponentMetrics } from './component-metrics.ts';
export type {
  Component,
  ComponentContext,
  EventRecorder,
  EventReporter,
  Logger,
  Metrics,
  Reconciler,
} from './controller.ts';
export { newController } from './controller-runner.ts';
export { Heap } from './heap.ts';
export { newHttpsTransport } from './https/index.ts';
export type { Informer, InformerHandler, Lister } from './informer.ts';
export { newWorkqueue } from './key-queue.ts';
export {
  type ClusterAccess,
  KubeconfigError,
  mergeIntoKubeconfig,
  readAccess,
  /** @public */
  removeFromKubeconfig,
  userKubeconfig,
  writeKubeconfig,
  writeSecretFile,
} from './kubeconfig/index.ts';
/** @public */
export { newLeaderElection } from './leader-election.ts';
export { indexPodsByNode, PODS_BY_NODE } from './pod-node-index.ts';
export { Reconnection } from './reconnection.ts';
export * from './resources.ts';
export { newClient } from './typed-client.ts';
export type { Workqueue } from './workqueue.ts';
