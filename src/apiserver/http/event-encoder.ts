import type { WatchEvent } from '../../apimachinery/watch-event.ts';
import type { ServedResource } from '../served-resource.ts';
import { EventLines } from './event-lines.ts';
import type { StoredText } from './json-text.ts';
import type { Representation } from './negotiate.ts';
import { type IncludeObject, partialMetadata, tableOf } from './table.ts';

/**
 * Encodes watch events for one representation: each event once, however many clients watch, and each batch that several
 * clients get alike once as well.
 */
export class EventEncoder {
  readonly #encode: (event: WatchEvent) => string;
  readonly #events = new WeakMap<WatchEvent, string>();
  readonly #batches = new WeakMap<readonly WatchEvent[], EventLines>();

  constructor(encode: (event: WatchEvent) => string) {
    this.#encode = encode;
  }

  /** The lines of a batch. */
  batch(events: readonly WatchEvent[]): EventLines {
    let lines = this.#batches.get(events);
    if (lines === undefined) {
      lines = new EventLines(this.text(events));
      this.#batches.set(events, lines);
    }
    return lines;
  }

  /** The same as text. */
  text(events: readonly WatchEvent[]): string {
    let text = '';
    for (const event of events) text += this.#line(event);
    return text;
  }

  #line(event: WatchEvent): string {
    let line = this.#events.get(event);
    if (line === undefined) {
      line = this.#encode(event);
      this.#events.set(event, line);
    }
    return line;
  }
}

/** The encoders of a server, one for each resource and representation in use. */
export class EventEncoders {
  readonly #encoders = new WeakMap<ServedResource, Map<string, EventEncoder>>();
  readonly #texts: StoredText;
  readonly #now: () => number;

  /** @param now wall time in milliseconds, for cells that show an age. */
  constructor(texts: StoredText, now: () => number) {
    this.#texts = texts;
    this.#now = now;
  }

  /** The encoder for watchers of `served` who want that representation. */
  of(served: ServedResource, representation: Representation, include: IncludeObject): EventEncoder {
    let mine = this.#encoders.get(served);
    if (mine === undefined) {
      mine = new Map();
      this.#encoders.set(served, mine);
    }
    const { as = '', metaVersion } = representation;
    const key = as === 'Table' ? `${as} ${metaVersion} ${include}` : `${as} ${metaVersion}`;
    let encoder = mine.get(key);
    if (encoder === undefined) {
      encoder = new EventEncoder((event) => this.#line(served, representation, include, event));
      mine.set(key, encoder);
    }
    return encoder;
  }

  /** The line of an event for a client that has got no columns yet. */
  first(
    served: ServedResource,
    representation: Representation,
    include: IncludeObject,
    event: WatchEvent,
  ): string {
    return this.#line(served, representation, include, event, true);
  }

  #line(
    served: ServedResource,
    { as, metaVersion }: Representation,
    include: IncludeObject,
    { type, object }: WatchEvent,
    headers = false,
  ): string {
    if (as === undefined && type !== 'BOOKMARK') {
      return `{"type":"${type}","object":${this.#texts.object(served, object)}}\n`;
    }
    let shown: unknown = object;
    if (as === 'Table') {
      const metadata = { resourceVersion: object.metadata.resourceVersion };
      shown = tableOf(served, [object], metadata, include, metaVersion, this.#now(), headers);
    } else if (as !== undefined) shown = partialMetadata(object, metaVersion);
    return `${JSON.stringify({ type, object: shown })}\n`;
  }
}
