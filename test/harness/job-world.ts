/** The real API server in this process on virtual time, with Jobs and pods, and somebody who plays the kubelet. */
import type { ApiRequest, Transport, UserInfo } from '../../src/apimachinery/api-request.ts';
import { rfc3339, VirtualClock } from '../../src/apimachinery/clock.ts';
import type { DeepReadonly, Draft } from '../../src/apimachinery/meta/object.ts';
import { seededRandom } from '../../src/apimachinery/random.ts';
import { isNotFound } from '../../src/apimachinery/status-error.ts';
import type { Job, JobSpec } from '../../src/apis/batch/index.ts';
import type { Pod } from '../../src/apis/core/types.ts';
import { schemas } from '../../src/apis/openapi/index.ts';
import { ApiServer } from '../../src/apiserver/index.ts';
import {
  type Client,
  type Component,
  type ComponentContext,
  componentContext,
  JOBS,
  newClient,
  type OwnedComponentContext,
  PODS,
} from '../../src/client/index.ts';
import { silent } from '../../src/client/testing/silent-log.ts';
import { cronJobs, jobs } from '../../src/registry/batch/index.ts';
import { coreResources } from '../../src/registry/core/index.ts';
import { openMemoryStorage } from '../../src/storage/index.ts';

/** A logger that says nothing. */

const ADMIN: UserInfo = { username: 'admin', groups: ['system:masters'] };

/** Says what becomes of a pod: how many milliseconds it runs and with which exit code it ends; undefined: it runs on. */
export type Fate = (pod: DeepReadonly<Pod>, attempt: number) => { ms: number; exitCode: number } | undefined;

/** One API server, one clock, any number of controllers after one another. */
export class JobWorld {
  readonly clock = new VirtualClock();
  readonly server: ApiServer;
  readonly client: Client;
  readonly transport: Transport;
  #running: { readonly component: Component; readonly context: OwnedComponentContext } | undefined;

  constructor(seed = 1) {
    this.server = new ApiServer({
      storage: openMemoryStorage({ frozen: true }),
      resources: [
        jobs,
        cronJobs,
        ...coreResources({
          logs: { open: () => Promise.reject(new Error('nothing runs here')) },
          random: seededRandom(seed),
        }),
      ],
      schemas,
      clock: this.clock,
      random: seededRandom(seed),
      log: silent,
    });
    this.transport = this.server.transport(ADMIN);
    this.client = newClient(this.transport);
  }

  /** Starts a controller with informers of its own, through `transport` where one is given. */
  async start(
    make: (context: ComponentContext) => Component,
    transport = this.transport,
    seed = 7,
  ): Promise<void> {
    const context = componentContext({
      client: newClient(transport),
      clock: this.clock,
      random: seededRandom(seed),
      log: silent,
    });
    const component = make(context);
    this.#running = { component, context };
    const started = component.start();
    await this.clock.advance(0);
    await started;
  }

  /** Stops the controller that runs. */
  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.component.stop();
    await running?.context.stop();
  }

  /** Creates a Job in namespace ns. */
  createJob(
    name: string,
    spec: Partial<JobSpec>,
    annotations?: Record<string, string>,
  ): Promise<DeepReadonly<Job>> {
    const template = {
      spec: { restartPolicy: 'Never' as const, containers: [{ name: 'c', image: 'busybox' }] },
      ...spec.template,
    };
    const metadata = { name, namespace: 'ns', ...(annotations === undefined ? {} : { annotations }) };
    return this.client.create(JOBS, 'ns', { metadata, spec: { ...spec, template } } as DeepReadonly<
      Draft<Job>
    >);
  }

  /** The Job as it is stored. */
  job(name: string): Promise<DeepReadonly<Job>> {
    return this.client.get(JOBS, 'ns', name);
  }

  /** The stored pods of a Job (of all when none is named), in order of name. */
  async pods(job?: string): Promise<readonly DeepReadonly<Pod>[]> {
    const { items } = await this.client.list(PODS, { namespace: 'ns' });
    const own = items.filter((pod) => job === undefined || pod.metadata.ownerReferences?.[0]?.name === job);
    return own.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  /** Sets a pod's status as its kubelet would. */
  async play(
    pod: DeepReadonly<Pod>,
    phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed',
    { exitCode = phase === 'Failed' ? 1 : 0, ready = false, restarts = 0 } = {},
  ): Promise<void> {
    const finishedAt = rfc3339(this.clock.now());
    const ended = phase === 'Succeeded' || phase === 'Failed';
    const containerStatuses = pod.spec.containers.map(({ name, image = '' }) => ({
      name,
      image,
      imageID: '',
      ready,
      restartCount: restarts,
      state: ended ? { terminated: { exitCode, finishedAt, startedAt: finishedAt } } : { running: {} },
    }));
    const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: finishedAt }];
    const status = { phase, startTime: finishedAt, containerStatuses, conditions };
    const { namespace = '', name } = pod.metadata;
    await this.client.patch(PODS, namespace, name, 'application/merge-patch+json', { status }, 'status');
  }

  /** Binds every pod, runs it, and lets it end as `fate` says; what is being deleted ends as killed. Stops with the answer. */
  async runPods(fate: Fate): Promise<{ stop(): void }> {
    const kubelet = new PlayedKubelet(this, fate);
    const watch = await this.client.watch(PODS, { namespace: 'ns' }, '0', {
      next: (events) => {
        for (const { type, object } of events) if (type !== 'BOOKMARK') kubelet.see(type, object);
      },
      end() {},
    });
    return { stop: () => watch.stop() };
  }
}

class PlayedKubelet {
  readonly #world: JobWorld;
  readonly #fate: Fate;
  readonly #seen = new Set<string>();
  readonly #killed = new Set<string>();
  readonly #attempts = new Map<string, number>();

  constructor(world: JobWorld, fate: Fate) {
    this.#world = world;
    this.#fate = fate;
  }

  see(type: string, pod: DeepReadonly<Pod>): void {
    const { uid, deletionTimestamp, annotations = {} } = pod.metadata;
    if (type === 'DELETED') return;
    if (deletionTimestamp !== undefined) {
      if (!this.#killed.has(uid)) void this.#kill(pod);
      return;
    }
    if (this.#seen.has(uid)) return;
    this.#seen.add(uid);
    const what = `${pod.metadata.ownerReferences?.[0]?.name}/${annotations['batch.kubernetes.io/job-completion-index'] ?? ''}`;
    const attempt = this.#attempts.get(what) ?? 0;
    this.#attempts.set(what, attempt + 1);
    void this.#run(pod, attempt);
  }

  async #run(pod: DeepReadonly<Pod>, attempt: number): Promise<void> {
    const { clock, client } = this.#world;
    const { namespace = '', name, uid } = pod.metadata;
    const fate = this.#fate(pod, attempt);
    await ignoringGone(
      client.createSubresource(PODS, namespace, name, 'binding', {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name, namespace, uid },
        target: { apiVersion: 'v1', kind: 'Node', name: 'n' },
      }),
    );
    await ignoringGone(this.#world.play(pod, 'Running', { ready: true }));
    if (fate === undefined) return;
    const { ms, exitCode } = fate;
    clock.after(ms, () => {
      if (this.#killed.has(uid)) return;
      void ignoringGone(this.#world.play(pod, exitCode === 0 ? 'Succeeded' : 'Failed', { exitCode }));
    });
  }

  async #kill(pod: DeepReadonly<Pod>): Promise<void> {
    const { namespace = '', name, uid } = pod.metadata;
    this.#killed.add(uid);
    const ended = pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
    if (!ended && pod.spec.nodeName) await ignoringGone(this.#world.play(pod, 'Failed', { exitCode: 137 }));
    await ignoringGone(
      this.#world.client.delete(PODS, namespace, name, { gracePeriodSeconds: 0, preconditions: { uid } }),
    );
  }
}

async function ignoringGone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Whether a request changes something. */
export function isWrite({ verb }: ApiRequest): boolean {
  return verb !== 'get' && verb !== 'list' && verb !== 'watch';
}
