/** Removes images that no container uses when their disk grows full. Source: the kubelet's image garbage collection. */
import type { Clock, Timer } from '../../apimachinery/clock.ts';
import type { Logger } from '../../client/index.ts';
import type { Image, ImageService } from '../runtimes/image.ts';

/** Milliseconds between two looks (the kubelet's ImageGCPeriod). */
const LOOK_MS = 5 * 60_000;

/** When images are removed. */
export interface ImageGcPolicy {
  /** Percent of the disk in use above which images are removed; 100 is never. */
  readonly highPercent: number;
  /** Percent down to which they are. */
  readonly lowPercent: number;
  /** Milliseconds that an image stays after it was first seen. */
  readonly minAgeMs: number;
}

/** How full the images' disk is. */
export interface DiskFill {
  readonly usedBytes: number;
  readonly capacityBytes: number;
}

/** What the collection depends on. */
export interface ImageGcOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly images: ImageService;
  readonly policy: ImageGcPolicy;
  readonly fill: () => Promise<DiskFill>;
}

interface KnownImage {
  readonly firstSeen: number;
  lastUsed: number;
}

/** See the file's head. Images that were built or loaded on this machine stay: nobody could pull them again. */
export class ImageGc {
  readonly #options: ImageGcOptions;
  #known = new Map<string, KnownImage>();
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: ImageGcOptions) {
    this.#options = options;
  }

  /** Resolves when it is known which images there are, if the runtime tells: their age counts from then on. */
  async start(): Promise<void> {
    const { log } = this.#options;
    await this.#unused().catch((error: unknown) => log.warn({ error }, 'the images could not be listed'));
    this.#schedule();
  }

  #schedule(): void {
    if (this.#stopped) return;
    const { clock, log } = this.#options;
    const look = (): void => {
      this.collect()
        .catch((error: unknown) => log.warn({ error }, 'images could not be cleared away'))
        .finally(() => this.#schedule());
    };
    this.#timer = clock.after(LOOK_MS, look, { background: true });
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** Frees as much as the policy asks for, if the disk is too full. */
  async collect(): Promise<void> {
    const { fill, policy } = this.#options;
    const unused = await this.#unused();
    const { usedBytes, capacityBytes } = await fill();
    if (usedBytes * 100 < policy.highPercent * capacityBytes) return;
    await this.#remove(unused, usedBytes - (policy.lowPercent * capacityBytes) / 100);
  }

  /** Frees all that can be freed, however full the disk is. */
  async collectAll(): Promise<void> {
    await this.#remove(await this.#unused(), Number.POSITIVE_INFINITY);
  }

  /** Images that no container uses, those unused for longest first. */
  async #unused(): Promise<readonly Image[]> {
    const { images: service, clock } = this.#options;
    const [images, refs] = await Promise.all([service.list(), service.inUse()]);
    const now = clock.now();
    const inUse = ({ id, tags, digests }: Image): boolean =>
      [id, ...tags, ...digests].some((name) => refs.has(name));
    const known = new Map<string, KnownImage>();
    for (const image of images) {
      const { firstSeen, lastUsed } = this.#known.get(image.id) ?? { firstSeen: now, lastUsed: 0 };
      known.set(image.id, { firstSeen, lastUsed: inUse(image) ? now : lastUsed });
    }
    this.#known = known;
    const of = ({ id }: Image): KnownImage => known.get(id) ?? { firstSeen: now, lastUsed: 0 };
    return images
      .filter((image) => !image.local && !image.pinned && !inUse(image))
      .toSorted((a, b) => of(a).lastUsed - of(b).lastUsed || of(a).firstSeen - of(b).firstSeen);
  }

  async #remove(unused: readonly Image[], bytes: number): Promise<void> {
    const { images, clock, log, policy } = this.#options;
    let freed = 0;
    for (const { id, sizeBytes, tags } of unused) {
      if (freed >= bytes) return;
      const { firstSeen } = this.#known.get(id) ?? { firstSeen: 0 };
      // An image that was only just pulled may be for a container that is about to be made.
      if (clock.now() - firstSeen < policy.minAgeMs) continue;
      log.info({ image: tags[0] ?? id, sizeBytes }, 'removing an image that no container uses');
      await images.remove(id);
      freed += sizeBytes;
    }
  }
}
