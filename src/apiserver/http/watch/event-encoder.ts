import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import type { WatchEvent } from '../../../apimachinery/watch-event.ts';
import type { ServedResource } from '../../served-resource.ts';
import { TurnMemo } from '../../turn-memo.ts';
import type { StoredText } from '../answer/json-text.ts';
import { MEDIA_TYPES, type Representation } from '../answer/negotiate.ts';
import { type IncludeObject, partialMetadata, tableOf } from '../answer/table.ts';
import type { ProtobufForm } from '../protobuf-form.ts';
import { EventLines } from './event-lines.ts';

/** Bytes that a frame of protobuf begins with: its length. */
const FRAME_LENGTH_BYTES = 4;

/** What a watch shows. */
export interface WatchView {
  readonly served: ServedResource;
  readonly representation: Representation;
  readonly include: IncludeObject;
}

/** An event in a message of its own. */
export type EventMessage = string | Buffer;

/** How one representation's events are written: lines of JSON or frames of protobuf. */
interface EventForm {
  readonly contentType: string;
  /** One event; `headers`: with a table's columns. */
  event(event: WatchEvent, headers?: boolean): string | Buffer;
  error(status: DeepReadonly<object>): string | Buffer;
}

/**
 * Encodes watch events for one representation: each event once, however many clients watch, and each batch that several
 * clients get alike once as well.
 */
export class EventEncoder {
  readonly #form: EventForm;
  readonly #events = new TurnMemo((event: WatchEvent) => this.#form.event(event));
  readonly #batches = new TurnMemo((events: readonly WatchEvent[]) =>
    joined(events.map((event) => this.#events.of(event))),
  );

  constructor(form: EventForm) {
    this.#form = form;
  }

  /** The answer's media type. */
  get contentType(): string {
    return this.#form.contentType;
  }

  /** The events of a batch, one after the other. */
  batch(events: readonly WatchEvent[]): EventLines {
    return this.#batches.of(events);
  }

  /** A batch for a client that has got no columns yet: they come with its first event. */
  beginning(first: WatchEvent, others: readonly WatchEvent[]): EventLines {
    return joined([this.#form.event(first, true), ...others.map((event) => this.#events.of(event))]);
  }

  /** The events of a batch, each in a message of its own; `headers`: the first with a table's columns. */
  messages(events: readonly WatchEvent[], headers: boolean): readonly EventMessage[] {
    return events.map((event, at) =>
      unframed(headers && at === 0 ? this.#form.event(event, true) : this.#events.of(event)),
    );
  }

  /** The event that ends a watch for a reason, in a message of its own. */
  errorMessage(status: DeepReadonly<object>): EventMessage {
    return unframed(this.#form.error(status));
  }

  /** The event that ends a watch for a reason. */
  error(status: DeepReadonly<object>): EventLines {
    return joined([this.#form.error(status)]);
  }
}

/** A message says how long it is, so that a frame's own length is left out. */
function unframed(event: string | Buffer): EventMessage {
  return typeof event === 'string' ? event : event.subarray(FRAME_LENGTH_BYTES);
}

/** All of one sort: lines are joined as texts, which costs one conversion for all. */
function joined(parts: readonly (string | Buffer)[]): EventLines {
  if (typeof parts[0] === 'string') return new EventLines(parts.join(''));
  return new EventLines(Buffer.concat(parts as readonly Buffer[]));
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

  /** The encoder for watchers with that view; `protobuf` writes those that want it. */
  of(view: WatchView, protobuf?: ProtobufForm): EventEncoder {
    const { served, representation, include } = view;
    let mine = this.#encoders.get(served);
    if (mine === undefined) {
      mine = new Map();
      this.#encoders.set(served, mine);
    }
    const { as = '', metaVersion } = representation;
    const format = protobuf === undefined ? 'json' : 'protobuf';
    const key = `${format} ${as} ${metaVersion} ${as === 'Table' ? include : ''}`;
    let encoder = mine.get(key);
    if (encoder === undefined) {
      const form =
        protobuf === undefined ? new JsonLines(view, this.#texts, this.#now) : new Frames(view, protobuf);
      encoder = new EventEncoder(form);
      mine.set(key, encoder);
    }
    return encoder;
  }
}

/** A line of JSON for each event. */
class JsonLines implements EventForm {
  readonly contentType = MEDIA_TYPES.json;
  readonly #view: WatchView;
  readonly #texts: StoredText;
  readonly #now: () => number;

  constructor(view: WatchView, texts: StoredText, now: () => number) {
    this.#view = view;
    this.#texts = texts;
    this.#now = now;
  }

  event({ type, object }: WatchEvent, headers = false): string {
    const { served, representation, include } = this.#view;
    const { as, metaVersion } = representation;
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

  error(status: DeepReadonly<object>): string {
    return `${JSON.stringify({ type: 'ERROR', object: status })}\n`;
  }
}

/** A frame of protobuf for each event: its length in four bytes, and a WatchEvent. Tables have none. */
class Frames implements EventForm {
  readonly contentType = `${MEDIA_TYPES.protobuf};stream=watch`;
  readonly #view: WatchView;
  readonly #protobuf: ProtobufForm;

  constructor(view: WatchView, protobuf: ProtobufForm) {
    this.#view = view;
    this.#protobuf = protobuf;
  }

  event({ type, object }: WatchEvent): Buffer {
    const { as, metaVersion } = this.#view.representation;
    return this.#protobuf.frame(type, as === undefined ? object : partialMetadata(object, metaVersion));
  }

  error(status: DeepReadonly<object>): Buffer {
    return this.#protobuf.frame('ERROR', status);
  }
}
