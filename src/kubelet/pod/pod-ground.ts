/** Prepares what a pod stands on before its containers: directories, volumes, sandbox; and clears it away again. */
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { replaceFile } from '../../apimachinery/replace-file.ts';
import { messageOf } from '../../apimachinery/thrown.ts';
import type { Pod } from '../../apis/core/types.ts';
import type { RuntimeClass } from '../../apis/node/types.ts';
import { RUNTIMECLASSES } from '../../client/index.ts';
import {
  asksCluster,
  hostNetworkHostsFile,
  hostsFile,
  kernelHostname,
  podDns,
  podHostname,
  resolvConf,
  withinLimits,
} from '../container/pod-network.ts';
import { podMemoryLimit } from '../container/resources.ts';
import { sandboxConfig } from '../container/sandbox-config.ts';
import { quietly } from '../quietly.ts';
import type { LinuxResources } from '../runtimes/container.ts';
import { POD_UID_LABEL } from '../runtimes/labels.ts';
import type { Runtime, RuntimeFeatures } from '../runtimes/runtime.ts';
import { RuntimeError } from '../runtimes/runtime-error.ts';
import type { SandboxConfig, UserRange } from '../runtimes/sandbox.ts';
import { systemErrorText } from '../system-error.ts';
import { PodVolumes } from '../volumes/pod-volumes.ts';
import { grantedSpec } from './granted-spec.ts';
import type { NodeServices } from './node-services.ts';
import type { PodView } from './pod-view.ts';

/** Volumes that admission adds to every pod; on a runtime without isolation a pod runs without them rather than not at all. */
const AUTOMATIC_VOLUME = /^kube-api-access-/;
/** How often such a volume is tried before the pod goes without. */
const AUTOMATIC_VOLUME_TRIES = 4;

/** Directories of a pod cannot be made; the message is what the kubelet's event says. */
export class DirectoryError extends Error {
  override readonly name = 'DirectoryError';
}

/** See the file's head. */
export class PodGround {
  readonly volumes: PodVolumes;
  readonly #services: NodeServices;
  readonly #view: PodView;
  #ready = false;
  #tries = 0;
  #config: SandboxConfig | undefined;
  #cgroupParent: string | undefined;
  /** Of a pod that has users of its own. */
  #users: UserRange | undefined;
  /** Addresses whose questions for names are answered, and which are let in to the API server. */
  #named: readonly string[] = [];

  constructor(services: NodeServices, view: PodView, pod: DeepReadonly<Pod>) {
    this.#services = services;
    this.#view = view;
    this.volumes = new PodVolumes({
      directory: services.directories.volumesOf(pod.metadata.uid),
      memory: services.memoryDisk,
      client: services.client,
      syncMs: services.settings.syncMs,
      memoryBytes: podMemoryLimit(pod.spec) ?? services.memoryCapacity,
      // Plain processes see the node's files as they are, and a mount for each of them would buy nothing.
      allInMemory: services.runtime.traits.images,
      mountsAreSeen: services.runtime.traits.seesMounts,
      sources: {
        config: services.config,
        downward: {
          podIPs: this.ipsOf(pod),
          hostIPs: services.statusContext.hostIPs,
          allocatable: services.allocatable,
        },
        token: (forPod, projection) => services.token(forPod, projection),
      },
    });
    // Found from before: its containers ask on.
    if (view.sandbox?.ready) {
      quietly(this.#joinNames(pod), services.log, 'names of a pod');
      quietly(this.serverVariables(pod), services.log, "a pod's way to the API server");
    }
  }

  /** The sandbox in the runtime's words; a container is made with it too. */
  config(pod: DeepReadonly<Pod>): SandboxConfig {
    this.#config ??= this.#makeConfig(pod, Math.max(0, this.#view.attempts - 1));
    return this.#config;
  }

  /** Addresses of the pod as far as they are known. */
  ipsOf(pod: DeepReadonly<Pod>): readonly string[] {
    const { podAddresses, hostIPs } = this.#services.statusContext;
    return podAddresses && !pod.spec.hostNetwork ? (this.#view.sandbox?.ips ?? []) : hostIPs;
  }

  /** Makes directories and volumes, once. Throws VolumeError; may be called again. */
  async prepare(pod: DeepReadonly<Pod>): Promise<void> {
    const { runtime, directories, clock } = this.#services;
    if (this.#ready || !runtime.traits.files) return;
    this.#tries += 1;
    const lenient = !runtime.traits.podAddresses && this.#tries > AUTOMATIC_VOLUME_TRIES;
    const { name, namespace = '', uid } = pod.metadata;
    try {
      await makeDirectory(directories.logsOf({ name, namespace, uid }));
      await makeDirectory(directories.filesOf(uid));
    } catch (error) {
      throw new DirectoryError(`error making pod data directories: ${systemErrorText(error)}`, {
        cause: error,
      });
    }
    await this.volumes.setUp(pod, clock.now(), (volume) => lenient && AUTOMATIC_VOLUME.test(volume));
    await this.#makeGroup(pod);
    await this.#chooseUsers(pod);
    await this.#furnishFound(pod);
    this.#ready = true;
  }

  /** Where pods cannot have users of their own they get none, and their sandbox is refused. */
  async #chooseUsers({ spec, metadata }: DeepReadonly<Pod>): Promise<void> {
    const { runtime, userRanges } = this.#services;
    if (spec.hostUsers !== false || runtime.traits.features.userNamespaces.length === 0) return;
    this.#users = await userRanges.of(metadata.uid);
  }

  /** A machine that does not let its control groups be made still runs the pod; its containers then have limits alone. */
  async #makeGroup(pod: DeepReadonly<Pod>): Promise<void> {
    const { groups, log } = this.#services;
    try {
      this.#cgroupParent = await groups?.make({ ...pod, spec: grantedSpec(pod.spec, this.#view) });
    } catch (error) {
      const { name, namespace } = pod.metadata;
      log.warn({ namespace, name, error }, 'the control group of a pod could not be made');
    }
  }

  /** Where a run of a container is put among the control groups; undefined where this node makes none. */
  async groupOf(pod: DeepReadonly<Pod>, container: string, attempt: number): Promise<string | undefined> {
    const { groups, runtime } = this.#services;
    if (this.#cgroupParent === undefined || runtime.traits.cgroupParents === 'none') return undefined;
    return groups?.runParent(pod, container, attempt);
  }

  /** Files by which a run of a container joins a group that holds it to those limits, for a runtime that makes none. */
  async groupFilesOf(
    pod: DeepReadonly<Pod>,
    container: string,
    attempt: number,
    limits: LinuxResources,
  ): Promise<readonly string[] | undefined> {
    const { groups, runtime } = this.#services;
    if (!runtime.traits.joinsCgroups || this.#cgroupParent === undefined) return undefined;
    return groups?.makeRun(pod, container, attempt, limits);
  }

  /** Makes a new sandbox. Whatever an earlier one held has ended. */
  async makeSandbox(pod: DeepReadonly<Pod>): Promise<void> {
    const { runtime } = this.#services;
    this.#leaveNames();
    await this.#removeStrays(pod, this.#view.sandbox?.id);
    const attempt = this.#view.attempts;
    this.#view.attempts += 1;
    this.#config = this.#makeConfig(pod, attempt);
    const runtimeHandler = await this.#handlerOf(pod);
    if (pod.spec.hostUsers === false) checkUsers(runtime.traits.features, runtimeHandler);
    const id = await runtime.runPodSandbox(
      runtimeHandler === undefined ? this.#config : { ...this.#config, runtimeHandler },
    );
    this.#view.sandbox = { id, attempt, ready: true, ips: [] };
    if (!runtime.traits.podAddresses) return;
    const { ips } = await runtime.podSandboxStatus(id);
    this.#view.sandbox = { id, attempt, ready: true, ips };
    await this.#furnish(pod, ips);
  }

  /** Writes the files that containers get with the sandbox. The hosts file comes last and whole: where it is, all are. */
  async #furnish(pod: DeepReadonly<Pod>, ips: readonly string[]): Promise<void> {
    await mkdir(this.#services.directories.filesOf(pod.metadata.uid), { recursive: true, mode: 0o755 });
    await this.#writeResolver(pod);
    await this.#writeHosts(pod, ips);
  }

  /** A server that was killed may have left a sandbox whose files were not written yet. */
  async #furnishFound(pod: DeepReadonly<Pod>): Promise<void> {
    const { runtime, directories } = this.#services;
    const { sandbox } = this.#view;
    if (!runtime.traits.podAddresses || sandbox?.ready !== true) return;
    if (!existsSync(directories.hostsFileOf(pod.metadata.uid))) await this.#furnish(pod, sandbox.ips);
  }

  /** Looks whether the sandbox is still there: it may have ended with its runtime, which tells of no sandbox's end. */
  async checkSandbox(): Promise<void> {
    const { runtime } = this.#services;
    const { sandbox } = this.#view;
    if (sandbox === undefined) return;
    this.#view.sandbox = { ...sandbox, ready: await isReady(runtime, sandbox.id) };
  }

  /** What the pod's runtime class stands for. */
  async #handlerOf({ spec }: DeepReadonly<Pod>): Promise<string | undefined> {
    const { client } = this.#services;
    const { runtimeClassName: name } = spec;
    if (!name) return undefined;
    try {
      return (await client.get<RuntimeClass>(RUNTIMECLASSES, '', name)).handler;
    } catch (cause) {
      const why = messageOf(cause);
      throw new Error(`failed to lookup RuntimeClass ${name}: ${why}`, { cause });
    }
  }

  /** Ends the sandbox and frees its network; its containers have ended before. */
  async stopSandbox(): Promise<void> {
    const { sandbox } = this.#view;
    if (sandbox === undefined) return;
    this.#leaveNames();
    await this.#services.runtime.stopPodSandbox(sandbox.id);
    this.#view.sandbox = { ...sandbox, ready: false };
  }

  /** Removes everything but the logs. */
  async clear(pod: DeepReadonly<Pod>): Promise<void> {
    const { runtime, directories, userRanges } = this.#services;
    this.#leaveNames();
    if (this.#view.sandbox !== undefined) await runtime.removePodSandbox(this.#view.sandbox.id);
    await this.#removeStrays(pod);
    if (!runtime.traits.files) return;
    await this.#removeGroup(pod);
    await this.volumes.tearDown(pod);
    await rm(directories.filesOf(pod.metadata.uid), { recursive: true, force: true });
    await userRanges.release(pod.metadata.uid);
  }

  /** Removes sandboxes that are not the pod's last one: older ones, and such as a runtime made that was killed before it could say so. */
  async #removeStrays({ metadata }: DeepReadonly<Pod>, kept?: string): Promise<void> {
    const { runtime } = this.#services;
    const { attempts, sandbox } = this.#view;
    if (!runtime.traits.files || attempts <= (sandbox === undefined ? 0 : 1)) return;
    for (const { id } of await runtime.listPodSandboxes({ labels: { [POD_UID_LABEL]: metadata.uid } })) {
      if (id === kept) continue;
      await runtime.stopPodSandbox(id);
      await runtime.removePodSandbox(id);
    }
  }

  async #removeGroup(pod: DeepReadonly<Pod>): Promise<void> {
    const { groups, log } = this.#services;
    await groups?.remove(pod).catch((error: unknown) => {
      const { name, namespace } = pod.metadata;
      log.warn({ namespace, name, error }, 'the control group of a pod could not be removed');
    });
  }

  #makeConfig(pod: DeepReadonly<Pod>, attempt: number): SandboxConfig {
    const { runtime, directories, hostname, dns, hostDns } = this.#services;
    const { name, namespace = '', uid } = pod.metadata;
    return sandboxConfig(pod, attempt, {
      // A pod on the node's network has the node's hostname, which nobody may set.
      hostname: pod.spec.hostNetwork ? '' : kernelHostname(pod, podHostname(pod, hostname), dns.domain),
      logDirectory: runtime.traits.files ? directories.logsOf({ name, namespace, uid }) : '',
      cgroupParent: this.#cgroupParent,
      users: this.#users,
      dns: runtime.traits.podAddresses ? podDns(pod, dns, hostDns) : undefined,
    });
  }

  /** Who is answered is told before the runtime frees the addresses, which then may be another pod's. */
  #leaveNames(): void {
    this.#services.names?.leave(this.#named);
    this.#services.access?.leave(this.#named);
    this.#named = [];
  }

  /** Answers the DNS servers of the cluster for the pod, once its sandbox is there. */
  async #joinNames(pod: DeepReadonly<Pod>): Promise<readonly string[]> {
    const { names, dns } = this.#services;
    if (names === undefined) return dns.servers;
    this.#named = pod.spec.hostNetwork ? [] : (this.#view.sandbox?.ips ?? []);
    return names.join(this.#named);
  }

  /** Variables that each of its containers gets unless it sets them itself: where the API server is. */
  async serverVariables(pod: DeepReadonly<Pod>): Promise<ReadonlyMap<string, string>> {
    const { access, statusContext } = this.#services;
    if (access === undefined) return new Map();
    const hasOwn = statusContext.podAddresses && !pod.spec.hostNetwork;
    this.#named = hasOwn ? (this.#view.sandbox?.ips ?? []) : [];
    return access.variables(this.#named);
  }

  /** Runtimes take a resolv.conf with the sandbox, whose network alone shows who can answer: so it comes as a file. */
  async #writeResolver(pod: DeepReadonly<Pod>): Promise<void> {
    const { directories, dns, hostDns, events } = this.#services;
    const servers = await this.#joinNames(pod);
    const file = directories.resolvFileOf(pod.metadata.uid);
    if (servers.length === 0 || !asksCluster(pod)) {
      await rm(file, { force: true });
      return;
    }
    const wanted = podDns(pod, { ...dns, servers }, hostDns);
    if (wanted === undefined) return;
    const { kept, complaints } = withinLimits(wanted);
    for (const each of complaints) events.event(pod, 'Warning', 'DNSConfigForming', each);
    await writeFile(file, resolvConf(kept), { mode: 0o644 });
  }

  async #writeHosts(pod: DeepReadonly<Pod>, ips: readonly string[]): Promise<void> {
    const { directories, dns, hostname, hostHosts } = this.#services;
    const file = directories.hostsFileOf(pod.metadata.uid);
    const text = pod.spec.hostNetwork
      ? hostNetworkHostsFile(pod, hostHosts)
      : hostsFile(pod, podHostname(pod, hostname), dns.domain, ips);
    await replaceFile(file, text, { mode: 0o644 });
  }
}

/** Makes it in a directory that is there: asked to make that too, Node.js says of a full or read-only disk that there is none. */
async function makeDirectory(path: string): Promise<void> {
  await mkdir(path, { mode: 0o755 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

async function isReady(runtime: Runtime, sandboxId: string): Promise<boolean> {
  try {
    return (await runtime.podSandboxStatus(sandboxId)).state === 'ready';
  } catch (error) {
    if (error instanceof RuntimeError && error.kind === 'NotFound') return false;
    throw error;
  }
}

/** Throws the kubelet's words for a way to run pods that cannot give them users of their own. */
function checkUsers({ userNamespaces }: RuntimeFeatures, handler = ''): void {
  if (userNamespaces.includes(handler)) return;
  const who = handler === '' ? 'runtime' : `RuntimeClass handler "${handler}"`;
  throw new Error(`can't set \`spec.hostUsers: false\`, ${who} does not support user namespaces`);
}
