/**
 * Looks after one pod from the moment it is bound to this node until nothing of it is left. One worker for each pod, one
 * step at a time; whatever happens (the pod changed, a container ended, a timer rang) only makes it take another step.
 *
 * | stage     | what holds                                             | entered when                                  | left when                              |
 * | --------- | ------------------------------------------------------ | --------------------------------------------- | -------------------------------------- |
 * | `running` | the pod should run; what is missing is made            | the pod is bound and has not ended            | the pod is to end, for whatever reason |
 * | `ending`  | nothing starts any more; what runs is asked to end     | deleted, removed, failed, or its work is done | no container runs                      |
 * | `ended`   | no container runs; the last status is written          | from `ending`                                 | written, and everything cleared away   |
 * | `gone`    | nothing is left here, and the API knows that it ended  | from `ended`                                  | never                                  |
 */
import { rfc3339 } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isNotFound } from '../../apimachinery/status-error.ts';
import type { Pod, PodSpec } from '../../apis/core/types.ts';
import { USAGE_ANNOTATION, usageText } from '../../apis/core/usage-annotation.ts';
import { PODS } from '../../client/index.ts';
import type { RuntimeEvent } from '../runtimes/runtime.ts';
import { type PodFailure, type PodVerdict, rejectedStatus, reportStatus } from '../status/pod-status.ts';
import { VolumeError } from '../volumes/pod-volumes.ts';
import { Alarm } from './alarm.ts';
import { ContainerEnds } from './container-ends.ts';
import { adoptedView, type FoundPod } from './container-runs.ts';
import { ContainerStarter } from './container-starter.ts';
import { ContainerStopper } from './container-stopper.ts';
import { tellBackOff } from './crash-loop.ts';
import { apiKnowsTheEnd, deadlineOf, type Ending, graceSecondsOf, mustEnd } from './ending.ts';
import { grantedSpec } from './granted-spec.ts';
import type { NodeServices } from './node-services.ts';
import { orAborted } from './or-aborted.ts';
import { type PodPlan, planPod } from './plan.ts';
import { DirectoryError, PodGround } from './pod-ground.ts';
import { PodProbes } from './pod-probes.ts';
import { PodResizer } from './pod-resizer.ts';
import { type ContainerRecord, isLive, newPodView, newRecord, type PodView, recordOf } from './pod-view.ts';
import { redefine } from './redefinition.ts';
import { refusalOf } from './refusal.ts';
import { SandboxMaker } from './sandbox-maker.ts';
import { mountRetryMs, stepRetryMs } from './step-retry.ts';

type Stage = 'running' | 'ending' | 'ended' | 'gone';

/** See the file's head. */
export class PodWorker {
  readonly uid: string;
  readonly #services: NodeServices;
  readonly #view: PodView;
  readonly #ground: PodGround;
  readonly #sandbox: SandboxMaker;
  readonly #starter: ContainerStarter;
  readonly #stopper: ContainerStopper;
  readonly #probes: PodProbes;
  readonly #resizer: PodResizer;
  readonly #ends: ContainerEnds;
  readonly #startTime: string;
  #pod: DeepReadonly<Pod>;
  #stage: Stage = 'running';
  /** The object is gone from the API. */
  #removed = false;
  #failure: PodVerdict['failure'];
  /** This node did not take it on. */
  #refused = false;
  /** Aborted when the pod is to end, so that what is being started for it is given up. */
  #work = new AbortController();
  #busy = false;
  #again = false;
  #failures = 0;
  /** Times in a row that its volumes could not be made. */
  #failedMounts = 0;
  readonly #alarm: Alarm;
  /** To be added to the pod's own with the next status. */
  #annotations: Readonly<Record<string, string>> | undefined;
  #cleared = false;
  #deleted = false;
  /** Aborted when the node agent stops: what a container may take as long as it likes for is not waited for. */
  readonly #detaching = new AbortController();
  #idle: (() => void)[] = [];

  /** @param found what the runtime has of the pod from before; absent when it cannot have anything. */
  constructor(services: NodeServices, pod: DeepReadonly<Pod>, found?: FoundPod) {
    this.uid = pod.metadata.uid;
    this.#services = services;
    this.#pod = pod;
    this.#view =
      found === undefined ? newPodView(pod) : adoptedView(pod, found, services.runtime.traits.name);
    this.#startTime = pod.status.startTime ?? rfc3339(services.clock.now());
    this.#alarm = new Alarm(services.clock, () => this.wake());
    this.#ends = new ContainerEnds(services, this.#view);
    this.#ground = new PodGround(services, this.#view, pod);
    this.#sandbox = new SandboxMaker(services, this.#view, this.#ground);
    this.#starter = new ContainerStarter(services, this.#view, this.#ground);
    this.#stopper = new ContainerStopper(services, this.#view, (of) => this.#ground.ipsOf(of)[0] ?? '');
    this.#resizer = new PodResizer(services, this.#view, pod);
    this.#refuse();
    this.#probes = new PodProbes(services, this.#view, () => this.wake());
  }

  /** A pod that this node cannot run fails before anything is made for it. */
  #refuse(): void {
    const { events, runtime } = this.#services;
    if (this.#view.attempts > 0 || this.#pod.status.startTime !== undefined) return;
    const refusal = refusalOf(this.#pod.spec, runtime.traits.features) ?? this.#services.admit(this.#pod);
    if (refusal === undefined) return;
    this.#refused = true;
    const { reason, message } = refusal;
    events.event(this.#pod, 'Warning', reason, message);
    this.#failure = { reason, message: `Pod was rejected: ${message}` };
  }

  /** The pod as last seen. */
  get pod(): DeepReadonly<Pod> {
    return this.#pod;
  }

  /** What is known of its containers. Changed as time goes on. */
  get view(): PodView {
    return this.#view;
  }

  /** The pod's spec with the resources that it was granted. */
  get granted(): DeepReadonly<PodSpec> {
    return grantedSpec(this.#pod.spec, this.#view);
  }

  /** Whether it asks for resources that its node does not have now. */
  get waitsForRoom(): boolean {
    return this.#resizer.deferred;
  }

  /** Whether it may still write to its logs. */
  get running(): boolean {
    return this.#stage === 'running' || this.#stage === 'ending';
  }

  /** Whether its requests count for the node: it was taken on, is still in the API, and something of it may run. */
  get takesRoom(): boolean {
    return this.running && !this.#removed && !this.#refused;
  }

  get #detached(): boolean {
    return this.#detaching.signal.aborted;
  }

  /** Takes in a newer version of the pod. */
  observe(pod: DeepReadonly<Pod>): void {
    this.#pod = pod;
    this.#services.statuses.observe(pod);
    for (const spec of pod.spec.ephemeralContainers ?? []) {
      if (recordOf(this.#view, spec.name) === undefined)
        this.#view.containers.push(newRecord(spec, 'ephemeral'));
    }
    if (this.#mustEnd()) this.#giveUpWork();
    this.wake();
  }

  /** The pod is gone from the API. */
  remove(): void {
    this.#removed = true;
    this.#services.statuses.forget(this.uid);
    this.#giveUpWork();
    this.wake();
  }

  /** A container of the pod has ended. */
  exited(event: RuntimeEvent): void {
    this.#ends.announce(event);
    this.wake();
  }

  /** Calls back whenever a container of the pod has ended; answers how to stop that. */
  onEnd(listener: () => void): () => void {
    return this.#ends.follow(listener);
  }

  /** What is asked to end may take its time, which a node agent that stops does not wait for: the next one asks again. */
  #patiently(stopping: Promise<void>): Promise<void> {
    return orAborted(stopping, this.#detaching.signal);
  }

  /** Asks for another step. */
  wake(): void {
    if (this.#detached) return;
    if (this.#busy) {
      this.#again = true;
      return;
    }
    this.#busy = true;
    void this.#run();
  }

  /** Fails the pod on the node's own account, such as an eviction. */
  fail(failure: PodFailure): void {
    this.#failure ??= failure;
    this.#giveUpWork();
    this.wake();
  }

  /** Leaves the pod as it is: no further step is taken. Resolves when the step in hand has ended. */
  detach(): Promise<void> {
    this.#detaching.abort(new Error('the node agent stops'));
    this.#probes.stop();
    this.#alarm.stop();
    this.#work.abort(new Error('the node agent stops'));
    return this.#busy ? new Promise((resolve) => this.#idle.push(resolve)) : Promise.resolve();
  }

  #giveUpWork(): void {
    if (!this.#work.signal.aborted) this.#work.abort(new Error('the pod is to end'));
    this.#stopper.shorten(graceSecondsOf(this.#pod, this.#ending));
  }

  async #run(): Promise<void> {
    do {
      this.#again = false;
      try {
        await this.#step();
        this.#failures = 0;
      } catch (error) {
        if (this.#detached) break;
        if (!this.#work.signal.aborted || this.#stage !== 'running') this.#retryLater(error);
        else this.#again = true;
      }
    } while (this.#again && !this.#detached);
    this.#busy = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #retryLater(error: unknown): void {
    const { log, clock } = this.#services;
    const { namespace, name } = this.#pod.metadata;
    const wait = stepRetryMs(this.#failures, error);
    this.#failures += 1;
    log.warn({ namespace, name, stage: this.#stage, error }, 'a pod could not be brought on, trying again');
    this.#alarm.at(clock.now() + wait);
  }

  async #step(): Promise<void> {
    const lookAgain = await this.#ends.learn(this.#pod);
    if (lookAgain !== undefined) this.#alarm.at(lookAgain);
    if (this.#stage === 'running') await this.#runningStep();
    if (this.#stage === 'running' && !this.#detached) {
      this.#probes.follow(this.#pod, this.#ground.ipsOf(this.#pod)[0] ?? '');
    }
    if (this.#stage === 'ending') await this.#endingStep();
    if (this.#stage === 'ended') await this.#endedStep();
  }

  /** What the containers used, once nothing runs any more and before the groups that count it are removed. */
  async #noteUsage(): Promise<void> {
    const used = await this.#services.groups?.usage(this.#pod);
    if (used !== undefined && used.size > 0) this.#annotations = { [USAGE_ANNOTATION]: usageText(used) };
  }

  get #ending(): Ending {
    return { removed: this.#removed, failure: this.#failure };
  }

  #mustEnd(): boolean {
    return mustEnd(this.#pod, this.#ending);
  }

  async #runningStep(): Promise<void> {
    this.#checkDeadline();
    if (this.#mustEnd()) {
      this.#stage = 'ending';
      return;
    }
    const { clock, statuses } = this.#services;
    if (!(await this.#prepareGround())) return;
    for (const record of this.#view.containers) await this.#starter.settle(this.#pod, record);
    redefine(this.#pod.spec, this.#view);
    const resizeAgain = await this.#resizer.bring(this.#pod);
    if (resizeAgain !== undefined) this.#alarm.at(clock.now() + resizeAgain);
    let plan = planPod(this.#pod.spec, this.#view, clock.now());
    if (this.#startsAgain(plan)) {
      await this.#ground.checkSandbox();
      plan = planPod(this.#pod.spec, this.#view, clock.now());
    }
    if (plan.kind === 'finish') {
      // What still runs only served what has ended, and may take its time to end.
      if (this.#view.containers.some(({ run }) => isLive(run))) this.#report(false);
      this.#stage = 'ending';
      return;
    }
    if (plan.kind === 'make-sandbox') {
      if (this.#services.runtime.traits.files) this.#report(false);
      await this.#sandbox.make(this.#pod);
      this.#again = true;
      return;
    }
    if (plan.kind === 'restart-all') {
      await this.#restartAll();
      return;
    }
    await this.#carryOut(plan);
    if (this.#volumesAreDue()) await this.#ground.volumes.refresh(this.#pod, clock.now());
    if (this.#ground.volumes.refreshAt !== undefined) this.#alarm.at(this.#ground.volumes.refreshAt);
    if (statuses.newest(this.#pod) !== this.#pod && this.#mustEnd()) this.#again = true;
  }

  /** Whether something is to start that ended, or could not be started: perhaps because its sandbox is gone. */
  #startsAgain(plan: PodPlan): boolean {
    if (plan.kind !== 'run' || !this.#services.runtime.traits.files) return false;
    return plan.start.some(({ run, notBefore }) => run !== undefined || notBefore > 0);
  }

  async #carryOut({ start, delayed, stop, wakeAt }: Extract<PodPlan, { kind: 'run' }>): Promise<void> {
    for (const record of stop) await this.#stopUnhealthy(record);
    for (const record of delayed) {
      if (record.run?.state !== 'exited' || record.notBefore > this.#services.clock.now()) continue;
      tellBackOff(this.#pod, record, this.#services.events);
    }
    const place = { sandboxId: this.#view.sandbox?.id ?? '', secrets: this.#sandbox.takeSecrets(this.#pod) };
    for (const record of start) {
      if (record.run === undefined && this.#services.runtime.traits.files) this.#report(false);
      await this.#starter.start(this.#pod, record, place, this.#work.signal);
      // It either runs now, so that the plan goes on from there, or waits until its time.
      if (record.run?.state === 'exited' || record.role !== 'main') this.#again = true;
      if (record.notBefore > 0) this.#alarm.at(record.notBefore);
    }
    if (wakeAt !== undefined) this.#alarm.at(wakeAt);
    if (!this.#again) this.#report(false);
  }

  /** Ends and forgets every container, so that the pod begins again in the sandbox that it has. */
  async #restartAll(): Promise<void> {
    this.#view.restartingAll = true;
    this.#report(false);
    await this.#patiently(this.#stopper.resetAll(this.#pod, (each) => this.#ends.note(this.#pod, each)));
    this.#view.restartingAll = false;
    this.#again = true;
  }

  /** Ends a container that is to begin again, or that failed a probe: unless it never runs again, it does then, however it ended. */
  async #stopUnhealthy(record: ContainerRecord): Promise<void> {
    const { why, graceSeconds = graceSecondsOf(this.#pod, this.#ending) } = record.kill ?? { why: '' };
    const failed = record.renewing !== true;
    const again = (record.spec.restartPolicy ?? this.#pod.spec.restartPolicy) !== 'Never';
    const message = failed && again && record.role === 'main' ? `${why}, will be restarted` : why;
    const note = (each: ContainerRecord): Promise<void> => this.#ends.note(this.#pod, each);
    // Its end may take as long as it is granted, and a resize that is its reason is told before.
    if (!failed) this.#report(false);
    else if (again) record.renewing = true;
    await this.#patiently(this.#stopper.stopOne(this.#pod, record, graceSeconds, message, note));
    this.#again = true;
  }

  /** Answers whether directories and volumes are there. */
  async #prepareGround(): Promise<boolean> {
    const { events, clock } = this.#services;
    try {
      await this.#ground.prepare(this.#pod);
      this.#failedMounts = 0;
      return true;
    } catch (error) {
      if (!(error instanceof VolumeError || error instanceof DirectoryError)) throw error;
      const reason = error instanceof VolumeError ? 'FailedMount' : 'FailedToMakePodDataDirectories';
      events.event(this.#pod, 'Warning', reason, error.message);
      this.#report(false);
      this.#alarm.at(clock.now() + mountRetryMs(this.#failedMounts));
      this.#failedMounts += 1;
      return false;
    }
  }

  #checkDeadline(): void {
    const deadline = deadlineOf(this.#pod, this.#startTime);
    if (deadline === undefined || this.#failure !== undefined) return;
    if (deadline > this.#services.clock.now()) {
      this.#alarm.at(deadline);
      return;
    }
    const message = 'Pod was active on the node longer than the specified deadline';
    this.#services.events.event(this.#pod, 'Normal', 'DeadlineExceeded', message);
    this.#failure = { reason: 'DeadlineExceeded', message };
  }

  async #endingStep(): Promise<void> {
    this.#probes.windDown();
    if (this.#view.containers.some(({ run }) => isLive(run))) {
      const note = (record: ContainerRecord): Promise<void> => this.#ends.note(this.#pod, record);
      await this.#patiently(this.#stopper.stopAll(this.#pod, graceSecondsOf(this.#pod, this.#ending), note));
    }
    this.#probes.stop();
    this.#stage = 'ended';
  }

  async #endedStep(): Promise<void> {
    const { statuses } = this.#services;
    if (!this.#cleared) {
      if (!this.#removed) {
        await this.#noteUsage();
        this.#report(true);
      }
      await this.#ground.stopSandbox();
      if (!this.#removed) await statuses.settled(this.uid);
      await this.#ground.clear(this.#pod);
      this.#cleared = true;
    }
    await this.#deleteIfAsked();
    if (this.#removed || apiKnowsTheEnd(this.#pod)) this.#leave();
  }

  /** Whoever deleted the pod waits for its node to say that it has ended: this does. */
  async #deleteIfAsked(): Promise<void> {
    if (this.#deleted || this.#removed || this.#pod.metadata.deletionTimestamp === undefined) return;
    const { name, namespace = '', uid } = this.#pod.metadata;
    try {
      const preconditions = { uid };
      await this.#services.client.delete(PODS, namespace, name, { gracePeriodSeconds: 0, preconditions });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    this.#deleted = true;
  }

  #leave(): void {
    this.#stage = 'gone';
    this.#alarm.stop();
    this.#services.statuses.forget(this.uid);
    this.#services.finished(this.uid);
  }

  #report(urgent: boolean): void {
    const { statuses, statusContext } = this.#services;
    const verdict: PodVerdict = {
      over: this.#stage === 'ended',
      startTime: this.#startTime,
      ...(this.#failure === undefined ? {} : { failure: this.#failure }),
      resize: this.#resizer.conditions,
    };
    const status =
      this.#refused && this.#failure !== undefined
        ? rejectedStatus(this.#pod, this.#failure, this.#startTime)
        : reportStatus(this.#pod, this.#view, verdict, statusContext);
    const annotations = this.#annotations;
    statuses.want(this.#pod, annotations === undefined ? status : { ...status, annotations }, urgent);
  }

  #volumesAreDue(): boolean {
    const { refreshAt } = this.#ground.volumes;
    if (refreshAt === undefined) return false;
    const wait = refreshAt - this.#services.clock.now();
    // A longer wait than there ever is means that the clock was set back.
    return wait <= 0 || wait > this.#services.settings.syncMs;
  }
}
