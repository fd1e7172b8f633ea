/** Opens streams to containers and ports of this node's pods, with the answers of the kubelet where there are none. */

import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type {
  OpenPort,
  PortConnection,
  RemoteProcess,
  WantedStreams,
} from '../../apimachinery/streaming/index.ts';
import { StreamRefusal } from '../../apimachinery/streaming/stream-refusal.ts';
import { messageOf } from '../../apimachinery/thrown.ts';
import type { Pod } from '../../apis/core/types.ts';
import { recordOf } from '../pod/pod-view.ts';
import type { PodWorker } from '../pod/pod-worker.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import { RuntimeError } from '../runtimes/runtime-error.ts';

/** See the file's head. Every method rejects with the StreamRefusal that the client gets. */
export class StreamService {
  readonly #runtime: Runtime;
  readonly #workerOf: (uid: string) => PodWorker | undefined;

  constructor(runtime: Runtime, workerOf: (uid: string) => PodWorker | undefined) {
    this.#runtime = runtime;
    this.#workerOf = workerOf;
  }

  /** Runs a command in a running container. */
  async exec(
    pod: DeepReadonly<Pod>,
    container: string,
    command: readonly string[],
    wanted: WantedStreams,
  ): Promise<RemoteProcess> {
    const id = this.#runningContainer(pod, container);
    if (id === undefined) throw new StreamRefusal(500, `container not found (${JSON.stringify(container)})`);
    return refusing(() => this.#runtime.exec(id, command, wanted));
  }

  /** Joins the streams of a running container; whether it has a terminal is for its pod to say. */
  async attach(pod: DeepReadonly<Pod>, container: string, wanted: WantedStreams): Promise<RemoteProcess> {
    const id = this.#runningContainer(pod, container);
    if (id === undefined) {
      throw new StreamRefusal(500, `container ${container} not found in pod ${fullName(pod)}`);
    }
    const tty = recordOf(this.#worker(pod).view, container)?.spec.tty === true;
    return refusing(() => this.#runtime.attach(id, { ...wanted, tty, stderr: wanted.stderr && !tty }));
  }

  /** Answers how to connect to ports of a pod. */
  async ports(pod: DeepReadonly<Pod>): Promise<OpenPort> {
    const sandbox = this.#readySandbox(pod);
    if (sandbox === undefined) {
      throw new StreamRefusal(500, `pod not found (${JSON.stringify(fullName(pod))})`);
    }
    return (port) => this.#connect(sandbox, port);
  }

  async #connect(sandbox: string, port: number): Promise<PortConnection> {
    try {
      return await this.#runtime.portForward(sandbox, port);
    } catch (error) {
      const why = messageOf(error);
      throw new Error(`error forwarding port ${port} to pod ${sandbox}, uid : ${why}`, { cause: error });
    }
  }

  #runningContainer(pod: DeepReadonly<Pod>, container: string): string | undefined {
    const run = recordOf(this.#worker(pod).view, container)?.run;
    return run?.state === 'running' ? run.id : undefined;
  }

  #readySandbox(pod: DeepReadonly<Pod>): string | undefined {
    const { sandbox } = this.#worker(pod).view;
    return sandbox?.ready ? sandbox.id : undefined;
  }

  #worker(pod: DeepReadonly<Pod>): PodWorker {
    const worker = this.#workerOf(pod.metadata.uid);
    if (worker === undefined) throw new StreamRefusal(404, 'pod does not exist');
    return worker;
  }
}

function fullName({ metadata: { name, namespace = '' } }: DeepReadonly<Pod>): string {
  return `${name}_${namespace}`;
}

async function refusing(open: () => Promise<RemoteProcess>): Promise<RemoteProcess> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    throw new StreamRefusal(error.kind === 'NotFound' ? 404 : 500, error.message, { cause: error });
  }
}
