/** Sees to it that a container's image is there, as its pull policy says. Source: Images (kubernetes.io/docs/concepts/containers/images). */

import type { Clock } from '../../apimachinery/clock.ts';
import { formatGoDuration } from '../../apimachinery/go-duration.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { messageOf } from '../../apimachinery/thrown.ts';
import { parseImageReference, wrongWithImageName } from '../../apis/core/image-reference.ts';
import type { Container, Pod } from '../../apis/core/types.ts';
import type { EventRecorder } from '../../client/index.ts';
import { isDue, nextWait } from '../pod/backoff.ts';
import type { Image, ImageService, RegistryAuth } from '../runtimes/image.ts';
import type { ImageAccess } from './image-access.ts';
import { ImageError } from './image-error.ts';
import { pullErrorText, pullFailure } from './pull-failure.ts';
import type { PullSecrets } from './pull-secrets.ts';

/** Failed pulls that are remembered for their backoff; the oldest are forgotten beyond that. */
const REMEMBERED_FAILURES_MAX = 1000;

/** What pulling depends on. */
export interface ImagePullerOptions {
  /** Absent where containers are made from no image. */
  readonly images: ImageService | undefined;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly access: ImageAccess;
}

/** An image that a container can be made from. */
export interface ReadyImage {
  /** What the runtime wants to hear. */
  readonly ref: string;
  /** What the pod's status calls it: its digest in its registry, where it came from one. */
  readonly id: string;
  /** The user that the image asks for. */
  readonly user?: string;
}

/** For whom an image is wanted. */
export interface ImageOrder {
  readonly pod: DeepReadonly<Pod>;
  /** Which names the image, and when to pull it. */
  readonly container: DeepReadonly<Container>;
  /** The container's place in its pod, for events. */
  readonly fieldPath: string;
  readonly secrets: PullSecrets;
  /** Ends the wait, not the pull. */
  readonly signal: AbortSignal;
}

/** What is to be fetched. */
interface Wanted {
  readonly reference: string;
  readonly repository: string;
}

interface Failure {
  readonly waitMs: number;
  readonly until: number;
  /** Its reason and its message. */
  readonly message: string;
}

/** See the file's head. Containers that need the same image at the same time share one pull. */
export class ImagePuller {
  readonly #options: ImagePullerOptions;
  readonly #pulls = new Map<string, Promise<string>>();
  readonly #failures = new Map<string, Failure>();

  constructor(options: ImagePullerOptions) {
    this.#options = options;
  }

  /** Resolves with the image of a container; throws {@link ImageError} when it is not to be had now. */
  async ensure(order: ImageOrder): Promise<ReadyImage> {
    const { pod, container, fieldPath, secrets } = order;
    const { image = '', imagePullPolicy } = container;
    const { images, events, clock } = this.#options;
    if (images === undefined) return { ref: image, id: image };
    const parsed = parseImageReference(image);
    if (parsed === undefined) {
      const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": ${wrongWithImageName(image)}`;
      events.event(pod, 'Warning', 'InspectFailed', message, fieldPath);
      throw new ImageError('InvalidImageName', message, clock.now() + nextWait(0));
    }
    const { repository, tag, digest } = parsed;
    const reference = `${repository}${tag === '' ? '' : `:${tag}`}${digest === '' ? '' : `@${digest}`}`;
    const policy = imagePullPolicy ?? (tag === 'latest' ? 'Always' : 'IfNotPresent');
    const present = await this.#inspect(images, order, reference);
    if (
      present !== undefined &&
      (present.local || (await this.#mayUse(secrets, present, repository, policy)))
    ) {
      const message = `Container image "${image}" already present on machine and can be accessed by the pod`;
      events.event(pod, 'Normal', 'Pulled', message, fieldPath);
      return ready(present.id, repository, present);
    }
    if (policy === 'Never') {
      const message = `Container image "${image}" is not present with pull policy of Never`;
      events.event(pod, 'Warning', 'ErrImageNeverPull', message, fieldPath);
      throw new ImageError('ErrImageNeverPull', message, clock.now() + nextWait(0));
    }
    const ref = await this.#pull(images, order, { reference, repository });
    return ready(ref, repository, await images.status(ref));
  }

  async #mayUse(secrets: PullSecrets, { id }: Image, repository: string, policy: string): Promise<boolean> {
    if (policy === 'Always') return false;
    return this.#options.access.mayUse(id, repository, await secrets.credentials(repository));
  }

  async #inspect(
    images: ImageService,
    { pod, container: { image = '' }, fieldPath }: ImageOrder,
    reference: string,
  ): Promise<Image | undefined> {
    const { events, clock } = this.#options;
    try {
      return await images.status(reference);
    } catch (error) {
      const message = `Failed to inspect image "${image}": ${messageOf(error)}`;
      events.event(pod, 'Warning', 'InspectFailed', message, fieldPath);
      throw new ImageError('ImageInspectError', message, clock.now() + 1000, { cause: error });
    }
  }

  async #pull(images: ImageService, order: ImageOrder, wanted: Wanted): Promise<string> {
    const { clock, events } = this.#options;
    const { pod, fieldPath, signal } = order;
    const { image = '' } = order.container;
    const key = `${pod.metadata.uid}/${wanted.reference}`;
    const failure = this.#failures.get(key);
    if (failure !== undefined && !isDue(failure.until, clock.now())) {
      events.event(pod, 'Normal', 'BackOff', `Back-off pulling image "${image}"`, fieldPath);
      const message = `Back-off pulling image "${image}": ${failure.message}`;
      throw new ImageError('ImagePullBackOff', message, failure.until);
    }
    events.event(pod, 'Normal', 'Pulling', `Pulling image "${image}"`, fieldPath);
    const begun = clock.monotonic();
    try {
      const ref = await this.#shared(images, order, wanted);
      this.#failures.delete(key);
      const took = formatGoDuration(Math.round(clock.monotonic() - begun));
      const size = (await images.status(ref))?.sizeBytes ?? 0;
      const how = `in ${took} (${took} including waiting). Image size: ${size} bytes.`;
      events.event(pod, 'Normal', 'Pulled', `Successfully pulled image "${image}" ${how}`, fieldPath);
      return ref;
    } catch (error) {
      if (signal.aborted) throw error;
      const text = pullErrorText(error);
      const { reason, message } = pullFailure(image, error);
      events.event(pod, 'Warning', 'Failed', `Failed to pull image "${image}": ${text}`, fieldPath);
      events.event(pod, 'Warning', 'Failed', `Error: ${reason}`, fieldPath);
      const waitMs = nextWait(failure?.waitMs ?? 0);
      this.#remember(key, { waitMs, until: clock.now() + waitMs, message: `${reason}: ${message}` });
      // Soon again, so that the status tells of the wait and not of the failure alone.
      throw new ImageError(reason, message, clock.now() + 2000, { cause: error });
    }
  }

  #shared(images: ImageService, { pod, secrets, signal }: ImageOrder, wanted: Wanted): Promise<string> {
    // Credentials are the pod's own, so that only pods without any may share.
    const own = pod.spec.imagePullSecrets?.length ? `${pod.metadata.uid}/` : '';
    const key = `${own}${wanted.reference}`;
    let pulling = this.#pulls.get(key);
    if (pulling === undefined) {
      pulling = this.#attempt(images, secrets, wanted).finally(() => this.#pulls.delete(key));
      this.#pulls.set(key, pulling);
    }
    return unlessAborted(pulling, signal);
  }

  async #attempt(
    images: ImageService,
    secrets: PullSecrets,
    { reference, repository }: Wanted,
  ): Promise<string> {
    const noted = async (ref: string, credential: RegistryAuth | undefined): Promise<string> => {
      await this.#options.access.notePull((await images.status(ref))?.id ?? ref, repository, credential);
      return ref;
    };
    const credentials = await secrets.credentials(repository);
    for (const auth of credentials.slice(0, -1)) {
      const ref = await images.pull(reference, auth).catch(() => undefined);
      if (ref !== undefined) return noted(ref, auth);
    }
    const last = credentials.at(-1);
    return noted(await images.pull(reference, last), last);
  }

  #remember(key: string, failure: Failure): void {
    this.#failures.delete(key);
    this.#failures.set(key, failure);
    const oldest = this.#failures.keys().next();
    if (this.#failures.size > REMEMBERED_FAILURES_MAX && !oldest.done) this.#failures.delete(oldest.value);
  }
}

function ready(ref: string, repository: string, image: Image | undefined): ReadyImage {
  const { user, digests = [] } = image ?? {};
  const own = digests.find((digest) => digest.startsWith(`${repository}@`));
  return { ref, id: own ?? digests[0] ?? ref, ...(user === undefined ? {} : { user }) };
}

/** A pod that is to end stops waiting; the pull goes on for whoever else wants the image. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
