/** What containerd offers on the same socket beside CRI: labels of images, and exits as they happen. */
import { fromBinary } from '@bufbuild/protobuf';
import { CriError } from './cri-error.ts';
import { Events, TaskDeleteSchema, TaskExitSchema } from './generated/containerd-events_pb.ts';
import { Images } from './generated/containerd-images_pb.ts';
import { GrpcSocket } from './grpc-socket.ts';

/** Where containerd keeps what belongs to CRI. */
const NAMESPACE = 'k8s.io';
/** Milliseconds for one question: these are look-ups in containerd's own small database. */
const CALL_MS_MAX = 30_000;
/** A process has ended. */
const EXIT_TOPIC = '/tasks/exit';
/** containerd has let go of one that had ended. */
const DELETE_TOPIC = '/tasks/delete';
/** These alone, and only of what belongs to CRI. */
const END_FILTERS = [EXIT_TOPIC, DELETE_TOPIC].map((topic) => `namespace==${NAMESPACE},topic=="${topic}"`);

/** Label of an image that was built or loaded by hand on this machine: it counts as pulled under any pull policy. */
export const LOCAL_LABEL = 'longshore.dev/local';

/** An image by name, as containerd keeps it. */
export interface NamedImage {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Who is told how containers and sandboxes end, by their ids. */
export interface EndObserver {
  /** Its own process has ended. CRI's status does not say so before the container is deleted too. */
  readonly exited: (id: string) => void;
  /** containerd has let go of it: CRI's status tells of the end from now on, or a few milliseconds later. */
  readonly deleted: (id: string) => void;
  /** Called once when the stream ends by itself: what happened since may have been missed. */
  readonly lost: (error: CriError) => void;
}

/** See the file's head. Every method rejects with {@link CriError}: UNIMPLEMENTED where the runtime is no containerd. */
export class ContainerdClient {
  readonly #socket: GrpcSocket;

  /** @param endpoint path of the socket; it is connected to at the first call. */
  constructor(endpoint: string) {
    this.#socket = new GrpcSocket(endpoint, { 'containerd-namespace': NAMESPACE });
  }

  /** The image of exactly that name (`docker.io/library/busybox:latest`); undefined when it is not there. */
  async image(name: string): Promise<NamedImage | undefined> {
    try {
      return (await this.#socket.call(Images.method.get, { name }, { timeoutMs: CALL_MS_MAX })).image;
    } catch (error) {
      if (error instanceof CriError && error.code === 'NOT_FOUND') return undefined;
      throw error;
    }
  }

  /** Every image that bears that label with that value. */
  async imagesLabelled(label: string, value: string): Promise<readonly NamedImage[]> {
    const filters = [`labels."${label}"==${value}`];
    return (await this.#socket.call(Images.method.list, { filters }, { timeoutMs: CALL_MS_MAX })).images;
  }

  /** Sets one label of an image and leaves its others. */
  async labelImage(name: string, label: string, value: string): Promise<void> {
    // The mask says that the target stays; but containerd 2 ends itself over an image that has none.
    const image = { name, labels: { [label]: value }, target: {} };
    const updateMask = { paths: [`labels.${label}`] };
    await this.#socket.call(Images.method.update, { image, updateMask }, { timeoutMs: CALL_MS_MAX });
  }

  /** Tells of what ends from now on; answers how to stop that. */
  onEnd(observer: EndObserver): () => void {
    let stopped = false;
    const cancel = this.#socket.stream(
      Events.method.subscribe,
      { filters: END_FILTERS },
      {
        next({ topic, event }) {
          if (event === undefined) return;
          // A process that was started beside the first (an exec) has an id of its own.
          if (topic === EXIT_TOPIC) {
            const { containerId, id } = fromBinary(TaskExitSchema, event.value);
            if (id === containerId) observer.exited(containerId);
          } else {
            const { containerId, id } = fromBinary(TaskDeleteSchema, event.value);
            if (id === '' || id === containerId) observer.deleted(containerId);
          }
        },
        end(error) {
          if (!stopped)
            observer.lost(error ?? new CriError('UNAVAILABLE', 'containerd ended the stream of events'));
        },
      },
    );
    return () => {
      stopped = true;
      cancel();
    };
  }

  /** Ends the connection. Idempotent. */
  close(): void {
    this.#socket.close();
  }
}
