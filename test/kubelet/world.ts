/** The real API server in this process, on virtual or real time, with node agents on it. */
import type { UserInfo } from '../../src/apimachinery/api-request.ts';
import type { Clock } from '../../src/apimachinery/clock.ts';
import type { DeepReadonly, Draft } from '../../src/apimachinery/meta/object.ts';
import { seededRandom } from '../../src/apimachinery/random.ts';
import type { ConfigMap, Pod, PodSpec } from '../../src/apis/core/types.ts';
import { schemas } from '../../src/apis/openapi/index.ts';
import { ApiServer } from '../../src/apiserver/index.ts';
import {
  type Client,
  CONFIGMAPS,
  componentContext,
  EVENTS,
  newClient,
  type OwnedComponentContext,
  PODS,
} from '../../src/client/index.ts';
import { silent } from '../../src/client/testing/silent-log.ts';
import {
  Kubelet,
  type KubeletOptions,
  type Machine,
  PodSource,
  type Runtime,
} from '../../src/kubelet/index.ts';
import { allResources, ensureInitialObjects } from '../../src/registry/index.ts';
import { openMemoryStorage } from '../../src/storage/index.ts';
import { PATIENCE } from '../harness/patience.ts';

const ADMIN: UserInfo = { username: 'admin', groups: ['system:masters'] };

/** A machine that is the same everywhere. */
export const MACHINE: Machine = {
  os: 'linux',
  architecture: 'amd64',
  kernelVersion: '6.1',
  osImage: 'Test',
  machineId: 'm',
  bootId: 'b',
  systemUuid: 's',
  cpus: 2,
  memory: 4 * 2 ** 30,
  disk: 10 * 2 ** 30,
  addresses: ['192.0.2.1'],
  hosts: '127.0.0.1\tlocalhost\n',
  resolvConf: 'nameserver 192.0.2.53\n',
};

/** See the file's head. */
export class KubeletWorld {
  readonly clock: Clock;
  readonly client: Client;
  readonly server: ApiServer;
  readonly context: OwnedComponentContext;
  /** What was asked of the server since the last look, as `verb resource/subresource`. */
  readonly requests: string[] = [];
  readonly #kubelets: Kubelet[] = [];

  private constructor(clock: Clock) {
    this.clock = clock;
    const logs = { open: () => Promise.reject(new Error('no logs')) };
    const dependencies = { clock, random: seededRandom(3), logs } as unknown as Parameters<
      typeof allResources
    >[0];
    this.server = new ApiServer({
      storage: openMemoryStorage({ frozen: true }),
      resources: allResources(dependencies),
      schemas,
      clock,
      random: seededRandom(1),
      log: silent,
    });
    const transport = this.server.transport(ADMIN);
    this.client = newClient({
      send: (request) => {
        this.requests.push(
          `${request.verb} ${request.resource}${request.subresource ? `/${request.subresource}` : ''}`,
        );
        return transport.send(request);
      },
      watch: (request, observer) => transport.watch(request, observer),
    });
    this.context = componentContext({ client: this.client, clock, random: seededRandom(2), log: silent });
  }

  /** A server with what every cluster has from its start. */
  static async open(clock: Clock): Promise<KubeletWorld> {
    const world = new KubeletWorld(clock);
    await ensureInitialObjects(world.server.transport(ADMIN));
    return world;
  }

  /** A node agent that looks after pods bound to `node`. */
  kubelet(runtime: Runtime, rootDirectory: string, more: Partial<KubeletOptions> = {}): Kubelet {
    const pods = new PodSource(this.context);
    const options = {
      context: this.context,
      nodeName: 'node',
      runtime,
      rootDirectory,
      pods,
      machine: MACHINE,
    };
    const kubelet = new Kubelet({ ...options, ...more });
    this.#kubelets.push(kubelet);
    return kubelet;
  }

  /** Creates a pod that is bound already. */
  createPod(
    name: string,
    spec: Partial<PodSpec>,
    annotations: Record<string, string> = {},
    node = 'node',
  ): Promise<DeepReadonly<Pod>> {
    const containers = [{ name: 'main', image: 'busybox', command: ['true'] }];
    const full = { restartPolicy: 'Never', containers, nodeName: node, ...spec };
    return this.client.create(PODS, 'default', {
      metadata: { name, annotations },
      spec: full,
    } as DeepReadonly<Draft<Pod>>);
  }

  createConfigMap(name: string, data: Record<string, string>): Promise<DeepReadonly<ConfigMap>> {
    return this.client.create(CONFIGMAPS, 'default', { metadata: { name }, data } as DeepReadonly<
      Draft<ConfigMap>
    >);
  }

  pod(name: string): Promise<DeepReadonly<Pod>> {
    return this.client.get(PODS, 'default', name);
  }

  /** `reason: message` of a pod's events. */
  async events(name: string): Promise<readonly string[]> {
    const { items } = await this.client.list(EVENTS, { namespace: 'default' });
    return items
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map(({ reason, message }) => `${reason}: ${message}`);
  }

  /** Real time only: resolves with the pod once it is as wanted. */
  async until(
    name: string,
    wanted: (pod: DeepReadonly<Pod>) => boolean,
    timeoutMs = 15_000 * PATIENCE,
  ): Promise<DeepReadonly<Pod>> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const pod = await this.pod(name);
      if (wanted(pod)) return pod;
      if (performance.now() > end)
        throw new Error(`pod ${name} is still ${JSON.stringify(pod.status, null, 1)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Stops whatever runs. */
  async close(): Promise<void> {
    for (const kubelet of this.#kubelets) await kubelet.stop();
    await this.context.stop();
  }
}
