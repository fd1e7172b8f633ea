import type { Clock } from '../apimachinery/clock.ts';
import { invariant } from '../apimachinery/invariant.ts';
import { freezeDeep } from '../apimachinery/json.ts';
import type { ApiObject } from '../apimachinery/meta/object.ts';
import type { CommitLog, LogEntry } from './commit-log.ts';
import { CommitClock } from './commit-times.ts';
import type { JsonCache } from './json-cache.ts';
import { SharedParts } from './shared-parts.ts';
import type { State } from './state.ts';
import { StorageError, type StorageEvent, type StorageFigures, type StoredObject } from './storage.ts';

/**
 * Writes committed together. More make each cheaper, above all on a disk that is slow to confirm; but the loop is held up
 * while a whole group is checked before and told after its commit, at this size for a millisecond or two.
 */
const GROUP_WRITES_MAX = 256;

/** What a caller wants done. */
export type Write =
  | { readonly type: 'create'; readonly key: string; readonly object: ApiObject }
  | {
      readonly type: 'update';
      readonly key: string;
      readonly object: ApiObject;
      readonly expectedRevision: number;
    }
  | { readonly type: 'delete'; readonly key: string; readonly expectedRevision: number };

interface PendingWrite {
  readonly write: Write;
  readonly resolve: (stored: StoredObject) => void;
  readonly reject: (error: unknown) => void;
}

/** A write that is allowed, with the revision it gets. */
interface Change {
  readonly event: StorageEvent;
  /** The key's state afterwards; undefined when it is gone. */
  readonly after: StoredObject | undefined;
  readonly json: string;
}

/** What becomes of one write once its group is durable. */
type Outcome = { readonly answer: StoredObject } | { readonly refusal: unknown };

/** How the queue puts off the next commit so that more writes can join it; it must not call back at once. */
export type Postpone = (commit: () => void) => void;

/** How a queue commits. */
export interface CommitOptions {
  readonly postpone: Postpone;
  /** Whether what is stored is frozen, so that a write to it throws. It costs a walk over each object. Default false. */
  readonly frozen?: boolean | undefined;
  /** Times the commits for the store's figures; absent: they are not timed. */
  readonly clock?: Clock | undefined;
}

/**
 * Group commit. Writes that arrive before the next commit are checked in their order against the state and what the
 * group has done before, become durable in one append, then visible, and only then are they answered and told.
 */
export class CommitQueue {
  readonly #state: State;
  readonly #log: CommitLog;
  readonly #json: JsonCache;
  readonly #shared = new SharedParts();
  readonly #postpone: Postpone;
  readonly #frozen: boolean;
  readonly #clock: Clock | undefined;
  readonly #times = new CommitClock();
  readonly #committed: (events: readonly StorageEvent[]) => void;
  #pending: PendingWrite[] = [];
  /** Whether a commit is under way or postponed. */
  #busy = false;
  #drained: (() => void)[] = [];
  #commits = 0;
  #writes = 0;

  /** @param committed is told each commit once the state has it. */
  constructor(
    state: State,
    log: CommitLog,
    json: JsonCache,
    { postpone, frozen = false, clock }: CommitOptions,
    committed: (events: readonly StorageEvent[]) => void,
  ) {
    this.#state = state;
    this.#log = log;
    this.#json = json;
    this.#postpone = postpone;
    this.#frozen = frozen;
    this.#clock = clock;
    this.#committed = committed;
  }

  /** Adds a write to the next commit; answers once that is durable. */
  submit(write: Write): Promise<StoredObject> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ write, resolve, reject });
      if (this.#busy) return;
      this.#busy = true;
      this.#postpone(() => this.#commit());
    });
  }

  /** What was committed since the start. */
  figures(): StorageFigures {
    return {
      commits: this.#commits,
      writes: this.#writes,
      waiting: this.#pending.length,
      ...(this.#clock === undefined ? {} : { times: this.#times.read() }),
    };
  }

  /** Resolves when everything submitted so far is answered. */
  drained(): Promise<void> {
    if (!this.#busy) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  #commit(): void {
    const group =
      this.#pending.length <= GROUP_WRITES_MAX
        ? this.#pending.splice(0)
        : this.#pending.splice(0, GROUP_WRITES_MAX);
    const { outcomes, changes } = this.#decide(group);
    const start = this.#clock?.monotonic() ?? 0;
    const finish = (): void => {
      if (this.#clock !== undefined && changes.length > 0) this.#times.note(this.#clock.monotonic() - start);
      this.#publish(group, outcomes, changes);
    };
    const fail = (error: unknown): void => {
      for (const { reject } of group) reject(error);
      this.#next();
    };
    if (changes.length === 0) {
      finish();
      return;
    }
    let appended: void | Promise<void>;
    try {
      appended = this.#log.append(changes.map(toEntry));
    } catch (error) {
      fail(error);
      return;
    }
    if (appended === undefined) finish();
    else appended.then(finish, fail);
  }

  /** Makes a durable group visible and answers its writers. */
  #publish(group: readonly PendingWrite[], outcomes: readonly Outcome[], changes: readonly Change[]): void {
    this.#json.beginCommit();
    this.#commits += changes.length > 0 ? 1 : 0;
    this.#writes += changes.length;
    for (const { event, after, json } of changes) {
      this.#state.apply(event, after, json.length);
      this.#json.offer(event.object, json);
      if (event.previous !== undefined) this.#json.drop(event.previous.object);
    }
    for (const [at, { resolve, reject }] of group.entries()) {
      const outcome = outcomes[at];
      invariant(outcome !== undefined, 'every write of a group has an outcome');
      if ('answer' in outcome) resolve(outcome.answer);
      else reject(outcome.refusal);
    }
    this.#next();
    if (changes.length > 0) this.#committed(changes.map(({ event }) => event));
  }

  #next(): void {
    if (this.#pending.length > 0) {
      this.#postpone(() => this.#commit());
      return;
    }
    this.#busy = false;
    for (const resolve of this.#drained.splice(0)) resolve();
  }

  /** Checks the writes of a group in their order; each sees what those before it have done. */
  #decide(group: readonly PendingWrite[]): {
    readonly outcomes: readonly Outcome[];
    readonly changes: readonly Change[];
  } {
    const staged = new Map<string, StoredObject | undefined>();
    const outcomes: Outcome[] = [];
    const changes: Change[] = [];
    let revision = this.#state.revision;
    for (const { write } of group) {
      const before = staged.has(write.key) ? staged.get(write.key) : this.#state.get(write.key);
      const refusal = refuse(write, before);
      if (refusal !== undefined) {
        outcomes.push({ refusal });
        continue;
      }
      try {
        const change = makeChange(write, before, revision + 1);
        // After the revision was written into it: what is shared must never be written to again.
        if (write.type !== 'delete') {
          this.#shared.share(write.key, write.object, before?.object);
          if (this.#frozen) freezeDeep(write.object);
        }
        revision++;
        staged.set(write.key, change.after);
        changes.push(change);
        outcomes.push({
          answer: change.after ?? { key: write.key, revision, object: change.event.object },
        });
      } catch (error) {
        outcomes.push({ refusal: error });
      }
    }
    return { outcomes, changes };
  }
}

/** Why a write is not allowed, if it is not. */
function refuse(write: Write, before: StoredObject | undefined): StorageError | undefined {
  if (write.type === 'create') {
    return before === undefined ? undefined : new StorageError('key-exists', `${write.key} exists`);
  }
  if (before === undefined) return new StorageError('key-missing', `${write.key} does not exist`);
  if (before.revision !== write.expectedRevision) {
    const message = `${write.key} is at revision ${before.revision}, not ${write.expectedRevision}`;
    return new StorageError('revision-mismatch', message);
  }
  return undefined;
}

function makeChange(write: Write, before: StoredObject | undefined, revision: number): Change {
  const { key } = write;
  const previous = before === undefined ? {} : { previous: before };
  if (write.type !== 'delete') {
    const { object } = write;
    object.metadata.resourceVersion = String(revision);
    return {
      event: { type: 'put', key, revision, object, ...previous },
      after: { key, revision, object },
      json: JSON.stringify(object),
    };
  }
  invariant(before !== undefined, 'a deletion that is allowed has something to delete');
  const metadata = { ...before.object.metadata, resourceVersion: String(revision) };
  const object = { ...before.object, metadata };
  return {
    event: { type: 'delete', key, revision, object, ...previous },
    after: undefined,
    json: JSON.stringify(object),
  };
}

function toEntry({ event, after, json }: Change): LogEntry {
  return {
    revision: event.revision,
    key: event.key,
    json: after === undefined ? undefined : json,
    supersedes: event.previous?.revision,
  };
}
