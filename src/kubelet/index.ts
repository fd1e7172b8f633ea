/**
 * The node agent. Upstream: pkg/kubelet.
 *
 * What it is: {@link Kubelet}, a component that registers one node and runs its pods through a {@link Runtime}: CRI
 * (containerd and others), plain host processes, or a fake one that only counts time.
 *
 * What it guarantees: one worker for each pod and one step at a time; a pod's containers are found again after a restart
 * and are not run twice; a status is written only when it says something new; a pod that is deleted is gone from the node
 * before it is gone from the API; what a runtime cannot honour is refused with a reason in the pod's status.
 *
 * What it does not do: the kubelet itself opens no port. Whoever serves `pods/log` in its process asks `Kubelet.logs`, and
 * whoever serves `pods/exec`, `attach` and `portforward` asks `Kubelet.streams`; on another machine a {@link NodeServer} does.
 *
 * Where things lie: `kubelet.ts` puts a node together and `pod-workers.ts` gives each pod its worker; `pod/` is what a worker
 * decides and does, with `container/`, `environment/`, `volumes/`, `images/`, `probes/`, `devices/` and `cgroups/` for what a pod
 * asks for, and `status/` for what it is told as; `runtimes/` is what runs it. `node/` is what the node tells of itself, `names/` its
 * DNS, `server/` what it answers (logs and streams too), `stats/` what is used, `eviction/` and `housekeeping/` what keeps it in order.
 */

export { CertificateRefused, type KeyPair, NodeCertificate } from './certificates/index.ts';
export { type ExtendedResource, parseExtendedResource } from './devices/index.ts';
export { parseThresholds } from './eviction/thresholds.ts';
export { Kubelet, type KubeletOptions } from './kubelet.ts';
export { type Machine, readMachine } from './node/machine.ts';
export { PodSource } from './node/pod-source.ts';
export { DEFAULT_NODE_SETTINGS, type NodeSettings } from './node-settings.ts';
export { newFakeRuntime } from './runtimes/fake/index.ts';
export { type Owner, openOwner } from './runtimes/owner.ts';
export { OwnerRegister } from './runtimes/owner-register.ts';
export { newProcessRuntime, type ProcessRuntimeOptions } from './runtimes/process/index.ts';
export type { Runtime } from './runtimes/runtime.ts';
export { CONSUMPTION_PATH, callerReviews, LocalNodeServer, NodeServer } from './server/index.ts';
export type { ServerLocation } from './server-access.ts';
export { unmountAll } from './volumes/mounter.ts';
