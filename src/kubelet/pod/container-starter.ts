/** Starts one container of a pod: image, environment, mounts, creation, start. What goes wrong becomes the container's waiting reason. */
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { messageOf } from '../../apimachinery/thrown.ts';
import type { EphemeralContainer, Pod } from '../../apis/core/types.ts';
import { containerConfig } from '../container/container-config.ts';
import { linuxResources } from '../container/resources.ts';
import { checkNonRoot } from '../container/security.ts';
import { ConfigError } from '../environment/config-error.ts';
import { containerEnvironment } from '../environment/environment.ts';
import { ImageError } from '../images/image-error.ts';
import type { PullSecrets } from '../images/pull-secrets.ts';
import { CONTAINER_NAME_LABEL, POD_UID_LABEL } from '../runtimes/labels.ts';
import { RuntimeError } from '../runtimes/runtime-error.ts';
import { terminatedState } from '../status/container-status.ts';
import { countRestart } from './backoff.ts';
import { containerMounts } from './container-mounts.ts';
import { lostRun, runOf } from './container-runs.ts';
import { GRACE_SECONDS_MIN } from './grace.ts';
import { runHook } from './lifecycle-hooks.ts';
import type { NodeServices } from './node-services.ts';
import { orAborted } from './or-aborted.ts';
import type { PodGround } from './pod-ground.ts';
import { type ContainerRecord, type ContainerRun, fieldPathOf, type PodView, recordOf } from './pod-view.ts';

/** Milliseconds before a container that could not be configured or created is tried again. */
const RETRY_MS = 5_000;
/** The same where the runtime was away: asking costs it nothing. */
const AWAY_RETRY_MS = 500;

/** Why a container waits that its runtime did not make. */
const CREATE_ERROR = 'CreateContainerError';

/** Where a container is started, and with what images may be fetched for it. */
export interface StartPlace {
  readonly sandboxId: string;
  readonly secrets: PullSecrets;
}

/** See the file's head. */
export class ContainerStarter {
  readonly #services: NodeServices;
  readonly #ground: PodGround;
  readonly #view: PodView;

  constructor(services: NodeServices, view: PodView, ground: PodGround) {
    this.#services = services;
    this.#view = view;
    this.#ground = ground;
  }

  /** Starts it, or notes in the record why it waits. Throws only when `signal` aborts. */
  async start(
    pod: DeepReadonly<Pod>,
    record: ContainerRecord,
    place: StartPlace,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, log } = this.#services;
    try {
      await this.#start(pod, record, place, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      const { name, namespace } = pod.metadata;
      log.debug({ namespace, name, container: record.spec.name, error }, 'a container could not be started');
      if (error instanceof ImageError) {
        record.waiting = { reason: error.reason, message: error.message };
        record.notBefore = error.retryAt;
        return;
      }
      const message = messageOf(error);
      const reason = error instanceof ConfigError ? 'CreateContainerConfigError' : CREATE_ERROR;
      this.#event(pod, record, 'Warning', 'Failed', `Error: ${message}`);
      record.waiting = { reason, message };
      record.notBefore = clock.now() + (isAway(error) ? AWAY_RETRY_MS : RETRY_MS);
    }
  }

  /**
   * Finds out what became of a container that was made, and of whose start nothing is known: this process, or its runtime, was
   * killed between the two. One that never ran is removed, so that another can be made for the same run; one that the runtime
   * has lost hold of is ended. One whose sandbox is gone may have run, though a runtime that was killed too knows of nothing.
   */
  async settle(pod: DeepReadonly<Pod>, record: ContainerRecord): Promise<void> {
    const { runtime, clock } = this.#services;
    const { run } = record;
    if (run?.state !== 'created' && run?.state !== 'unknown') return;
    try {
      if (run.state === 'unknown') await runtime.stopContainer(run.id, 0);
      const found = runOf(await runtime.containerStatus(run.id));
      if (found.state !== 'created') {
        record.run = { ...found, imageId: run.imageId };
        return;
      }
      await this.#ground.checkSandbox();
      if (this.#view.sandbox?.ready !== true || (await this.#mayHaveRun(pod, record, found))) {
        record.run = lostRun(found, clock.now());
        delete record.waiting;
        return;
      }
      await runtime.removeContainer(run.id);
    } catch (error) {
      if (!(error instanceof RuntimeError && error.kind === 'NotFound')) throw error;
    }
    delete record.run;
  }

  /** Whether there is a trace of its start where the runtime's word is not enough: the group that is made for a run as it begins. */
  async #mayHaveRun(
    pod: DeepReadonly<Pod>,
    { spec }: ContainerRecord,
    { attempt }: ContainerRun,
  ): Promise<boolean> {
    const { runtime, groups } = this.#services;
    return !runtime.traits.notesStarts && (await groups?.hasRun(pod, spec.name, attempt)) === true;
  }

  async #start(
    pod: DeepReadonly<Pod>,
    record: ContainerRecord,
    place: StartPlace,
    signal: AbortSignal,
  ): Promise<void> {
    const { runtime, images, clock } = this.#services;
    const { spec } = record;
    const { sandboxId, secrets } = place;
    const fieldPath = fieldPathOf(record);
    const image = await images.ensure({ pod, container: spec, fieldPath, secrets, signal });
    const attempt = record.run === undefined ? record.restarts : record.run.attempt + 1;
    checkNonRoot(pod, spec, image.user);
    const environment = await this.#environment(pod, record);
    const order = { pod, spec, attempt, environment, secrets, signal };
    const mounts = runtime.traits.files ? await containerMounts(this.#services, this.#ground, order) : [];
    signal.throwIfAborted();
    const targetContainerId = this.#target(record);
    const cgroupParent = await this.#ground.groupOf(pod, spec.name, attempt);
    const { memoryCapacity, cgroupTraits } = this.#services;
    const resources = linuxResources(pod, spec, memoryCapacity, cgroupTraits);
    const cgroupFiles = await this.#ground.groupFilesOf(pod, spec.name, attempt, resources);
    const devices = this.#services.devices.allocate(pod.metadata.uid, spec, record.role === 'init');
    const config = containerConfig(pod, spec, {
      devices,
      ...(targetContainerId === undefined ? {} : { targetContainerId }),
      ...(cgroupParent === undefined ? {} : { cgroupParent }),
      ...(cgroupFiles === undefined ? {} : { cgroupFiles }),
      seccompDirectory: this.#services.directories.seccomp,
      imageRef: image.ref,
      environment,
      mounts,
      attempt,
      resources,
    });
    if (record.waiting?.reason === CREATE_ERROR) await this.#removeStrays(pod, record);
    const id = await runtime.createContainer(sandboxId, config, this.#ground.config(pod));
    this.#event(pod, record, 'Normal', 'Created', 'Container created');
    this.#beginRun(record);
    await this.#forgetOldRuns(pod, record);
    const asked = spec.image ?? '';
    const began = {
      id,
      sandboxId,
      attempt,
      imageId: image.id,
      image: asked,
      exitCode: 0,
      reason: '',
      message: '',
    };
    record.run = { ...began, state: 'created', startedAt: 0, finishedAt: 0 };
    try {
      await runtime.startContainer(id);
    } catch (error) {
      await this.#noteFailedStart(pod, record, id, error);
      return;
    }
    record.run = { ...began, state: 'running', startedAt: clock.now(), finishedAt: 0 };
    // Runtimes that know who a process is are those that know policies of groups.
    if (runtime.traits.features.supplementalGroupsPolicy) {
      const { user } = await runtime.containerStatus(id);
      if (user !== undefined) record.run = { ...record.run, user };
    }
    this.#event(pod, record, 'Normal', 'Started', 'Container started');
    await this.#runPostStart(pod, record, id, signal);
  }

  /** A container whose postStart hook fails is ended, and its restart policy decides what follows. */
  async #runPostStart(
    pod: DeepReadonly<Pod>,
    record: ContainerRecord,
    id: string,
    signal: AbortSignal,
  ): Promise<void> {
    const hook = record.spec.lifecycle?.postStart;
    const { runtime } = this.#services;
    if (hook === undefined || !runtime.traits.files) return;
    const ip = this.#ground.ipsOf(pod)[0] ?? '';
    // A command in a container ends with its container: nobody waits for it when the pod is to end.
    const wrong = await orAborted(runHook(pod, hook, record, this.#services, ip, 0), signal);
    if (wrong === undefined) return;
    this.#event(pod, record, 'Warning', 'FailedPostStartHook', 'PostStartHook failed');
    this.#event(pod, record, 'Normal', 'Killing', 'FailedPostStartHook');
    const granted = Number(pod.spec.terminationGracePeriodSeconds ?? 30);
    await runtime.stopContainer(id, Math.max(granted, GRACE_SECONDS_MIN));
    record.run = runOf(await runtime.containerStatus(id));
    record.waiting = { reason: 'PostStartHookError', message: wrong };
  }

  /** The container whose processes an ephemeral one wants to see. */
  #target({ spec }: ContainerRecord): string | undefined {
    const { targetContainerName: name } = spec as DeepReadonly<EphemeralContainer>;
    if (!name) return undefined;
    const id = recordOf(this.#view, name)?.run?.id;
    if (id === undefined) throw new ConfigError(`unable to find target container ${name}`);
    return id;
  }

  /** The run before becomes the last one, and the wait after the next end grows. */
  #beginRun(record: ContainerRecord): void {
    const { clock, statusContext } = this.#services;
    if (record.run !== undefined) {
      if (record.run.id !== '') record.ended.push(record.run);
      // One that was ended to begin again is its first failure only once another has ended before it.
      if (record.renewing !== true || record.previous !== undefined) countRestart(record, clock.now());
      record.previous = terminatedState(record.run, statusContext);
      record.restarts = record.run.attempt + 1;
    }
    delete record.waiting;
    delete record.kill;
    delete record.renewing;
    record.actuated = record.spec.resources;
    record.actuatedWhole = this.#view.resources;
    delete record.endedAt;
    // Where nothing really runs, there is nobody to ask.
    const unasked = !this.#services.runtime.traits.files;
    record.started = unasked || record.spec.startupProbe === undefined;
    record.ready = unasked || record.spec.readinessProbe === undefined;
    record.notBefore = 0;
  }

  /** A runtime that was killed may have made a container without saying so, which has the name of the next try. */
  async #removeStrays({ metadata }: DeepReadonly<Pod>, { run, ended, spec }: ContainerRecord): Promise<void> {
    const { runtime } = this.#services;
    const known = new Set([run, ...ended].map((each) => each?.id));
    const labels = { [POD_UID_LABEL]: metadata.uid, [CONTAINER_NAME_LABEL]: spec.name };
    for (const { id } of await runtime.listContainers({ labels })) {
      if (!known.has(id)) await runtime.removeContainer(id);
    }
  }

  /** Of the runs that have ended, the last one stays for those who look at its log. */
  async #forgetOldRuns(pod: DeepReadonly<Pod>, { ended, spec }: ContainerRecord): Promise<void> {
    const { runtime, directories } = this.#services;
    const { name, namespace = '', uid } = pod.metadata;
    for (const { id, attempt } of ended.splice(0, Math.max(0, ended.length - 1))) {
      await runtime.removeContainer(id);
      if (!runtime.traits.files) continue;
      const log = directories.logFile({ name, namespace, uid }, spec.name, attempt);
      const names = await readdir(dirname(log)).catch(() => []);
      // The file itself and what was rotated away from it.
      const own = names.filter((each) => each === basename(log) || each.startsWith(`${basename(log)}.`));
      for (const each of own) await rm(join(dirname(log), each), { force: true });
    }
  }

  /** A command that does not exist, for one: the runtime then tells of a container that ended at its start. */
  async #noteFailedStart(
    pod: DeepReadonly<Pod>,
    record: ContainerRecord,
    id: string,
    error: unknown,
  ): Promise<void> {
    const { runtime, clock } = this.#services;
    const message = messageOf(error);
    this.#event(pod, record, 'Warning', 'Failed', `Error: ${message}`);
    const run = runOf(await runtime.containerStatus(id));
    const now = clock.now();
    if (run.state !== 'exited' && isAway(error)) {
      record.notBefore = now + AWAY_RETRY_MS;
      record.waiting = { reason: 'RunContainerError', message };
      return;
    }
    record.endedAt = now;
    if (run.state === 'exited') record.run = run;
    else {
      const ended = {
        state: 'exited',
        exitCode: 128,
        reason: 'StartError',
        startedAt: now,
        finishedAt: now,
      } as const;
      record.run = { ...run, ...ended, message };
    }
    record.waiting = { reason: 'RunContainerError', message };
  }

  async #environment(
    pod: DeepReadonly<Pod>,
    { spec }: ContainerRecord,
  ): Promise<ReadonlyMap<string, string>> {
    const { config, statusContext, allocatable, links } = this.#services;
    const linked = (await links?.variables(pod)) ?? new Map<string, string>();
    const services = new Map([...linked, ...(await this.#ground.serverVariables(pod))]);
    if (spec.env === undefined && spec.envFrom === undefined) return services;
    return containerEnvironment(pod, spec, {
      config,
      downward: { podIPs: this.#ground.ipsOf(pod), hostIPs: statusContext.hostIPs, allocatable },
      services,
      volumes: this.#ground.volumes.paths,
    });
  }

  #event(
    pod: DeepReadonly<Pod>,
    record: ContainerRecord,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ): void {
    const { events, runtime } = this.#services;
    // A runtime that runs nothing has no ordinary progress to tell of, and does it thousands of times a second.
    if (type === 'Normal' && !runtime.traits.files) return;
    events.event(pod, type, reason, message, fieldPathOf(record));
  }
}

const isAway = (error: unknown): boolean => error instanceof RuntimeError && error.kind === 'Unavailable';
