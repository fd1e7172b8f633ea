import { goQuote } from '../go-text.ts';
import { cloneJson, deepEqualJson, isJsonObject, type JsonObject, setMember } from '../json.ts';
import { StatusError } from '../status-error.ts';
import { guardingDepth, newPatchRejected, newUndecodablePatch } from './rejection.ts';

/** Operations that a JSON patch may have; more is answered with 413. */
export const JSON_PATCH_OPERATIONS_MAX = 10_000;
/** Bytes that all `copy` operations of a patch may make together: a few of them could fill the memory otherwise. */
const JSON_PATCH_COPY_BYTES_MAX = 3 * 1024 * 1024;

/** An operation that cannot be carried out. Its reason stays here: the answer is the same for all. */
class Inapplicable extends Error {}

interface Operation {
  readonly op?: string;
  readonly path?: string;
  readonly from?: string;
  /** Undefined means null, as it does in Go. */
  readonly value?: unknown;
}

type Container = JsonObject | unknown[];

/**
 * Applies a JSON patch (RFC 6902, as evanphx/json-patch reads it: an index may be negative, `copy` of what is not there
 * copies null). Answers a new value that shares with the document what did not change; neither argument is changed. Throws
 * 400 for what is no patch, 413 for too many operations, 422 for an operation that does not apply.
 */
export function applyJsonPatch(document: object, patch: unknown): unknown {
  const operations = decoded(patch);
  if (operations.length > JSON_PATCH_OPERATIONS_MAX) {
    throw new StatusError(
      413,
      'RequestEntityTooLarge',
      `Request entity is too large: The allowed maximum operations in a JSON patch is ${JSON_PATCH_OPERATIONS_MAX}, got ${operations.length}`,
    );
  }
  return guardingDepth(() => {
    const run = new Run(document as Container);
    try {
      for (const operation of operations) run.apply(operation);
    } catch (error) {
      if (error instanceof Inapplicable) throw newPatchRejected();
      throw error;
    }
    return run.document;
  });
}

const FIELDS: ReadonlySet<string> = new Set(['op', 'path', 'from', 'value']);

/** What strict decoding has against the operations: members that none has. */
export function jsonPatchFindings(patch: unknown): readonly string[] {
  if (!Array.isArray(patch)) return [];
  return patch.flatMap((operation: unknown, index) =>
    isJsonObject(operation)
      ? Object.keys(operation)
          .filter((key) => !FIELDS.has(key))
          .map((key) => `json patch unknown field ${goQuote(`[${index}].${key}`)}`)
      : [],
  );
}

function decoded(patch: unknown): readonly Operation[] {
  if (patch === null || patch === undefined) return [];
  const prefix = 'error decoding patch: ';
  if (!Array.isArray(patch)) {
    throw newUndecodablePatch(patch, 'Go value of type []handlers.jsonPatchOp', prefix);
  }
  return patch.map((operation: unknown): Operation => {
    if (operation === null) return {};
    if (!isJsonObject(operation)) {
      throw newUndecodablePatch(operation, 'Go value of type handlers.jsonPatchOp', prefix);
    }
    for (const field of ['op', 'path', 'from']) {
      const value = operation[field];
      if (value !== undefined && value !== null && typeof value !== 'string') {
        throw newUndecodablePatch(value, `Go struct field jsonPatchOp.${field} of type string`, prefix);
      }
    }
    return operation as Operation;
  });
}

/** One run over a document. Containers are copied when they are first written to, and then belong to the run. */
class Run {
  document: unknown;
  readonly #own = new Set<object>();
  #copiedBytes = 0;

  constructor(document: Container) {
    this.document = document;
  }

  apply({ op, path, from, value = null }: Operation): void {
    switch (op) {
      case 'add':
        add(...this.#place(path), value);
        break;
      case 'remove':
        remove(...this.#place(path));
        break;
      case 'replace':
        this.#replace(path, value);
        break;
      case 'move': {
        const [source, key] = this.#place(from);
        const moved = get(source, key);
        remove(source, key);
        add(...this.#place(path), moved);
        break;
      }
      case 'copy': {
        const copied = get(...this.#place(from));
        const [target, key] = this.#place(path);
        this.#countCopy(copied);
        add(target, key, this.#shared(copied));
        break;
      }
      case 'test':
        this.#test(path, value);
        break;
      default:
        throw new Inapplicable(`unexpected operation ${op}`);
    }
  }

  #replace(path: string | undefined, value: unknown): void {
    if (path === '') {
      if (typeof value !== 'object' || value === null) throw new Inapplicable('neither object nor list');
      this.document = value;
      return;
    }
    const [container, key] = this.#place(path);
    get(container, key);
    if (Array.isArray(container)) container[position(key, container.length)] = value;
    else setMember(container, key, value);
  }

  #test(path: string | undefined, value: unknown): void {
    const found = path === '' ? this.document : get(...this.#place(path));
    if (!deepEqualJson(found ?? null, value)) throw new Inapplicable('the test failed');
  }

  #countCopy(value: unknown): void {
    this.#copiedBytes += Buffer.byteLength(JSON.stringify(value ?? null));
    if (this.#copiedBytes > JSON_PATCH_COPY_BYTES_MAX) throw new Inapplicable('copies too much');
  }

  /** The container that a pointer leads into, made the run's own on all its way, and the last part of the pointer. */
  #place(pointer: string | undefined): [container: Container, key: string] {
    const parts = (pointer ?? '').split('/');
    if (pointer === undefined || parts.length < 2) throw new Inapplicable('no pointer');
    const key = unescaped(parts[parts.length - 1] ?? '');
    let container = this.#owned(this.document);
    this.document = container;
    for (const part of parts.slice(1, -1)) {
      const name = unescaped(part);
      const inner = this.#owned(get(container, name));
      if (Array.isArray(container)) container[position(name, container.length)] = inner;
      else setMember(container, name, inner);
      container = inner;
    }
    return [container, key];
  }

  /** A copied value stands in two places from now on: neither may be written to without copying it first. */
  #shared(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || !this.#own.has(value)) return value;
    return cloneJson(value);
  }

  #owned(value: unknown): Container {
    if (typeof value !== 'object' || value === null) throw new Inapplicable('no such path');
    if (this.#own.has(value)) return value as Container;
    const copy: Container = Array.isArray(value) ? [...(value as unknown[])] : { ...value };
    this.#own.add(copy);
    return copy;
  }
}

function unescaped(part: string): string {
  return part.replace(/~[01]/g, (code) => (code === '~1' ? '/' : '~'));
}

/** The position that a part names among `length` items. */
function position(part: string, length: number): number {
  if (!/^[-+]?\d+$/.test(part)) throw new Inapplicable('no index');
  const index = Number(part);
  const at = index < 0 ? index + length : index;
  if (at < 0 || at >= length) throw new Inapplicable('index out of range');
  return at;
}

/** What stands under a key; undefined where an object has no such member. */
function get(container: Container, key: string): unknown {
  if (Array.isArray(container)) return container[position(key, container.length)];
  return Object.hasOwn(container, key) ? container[key] : undefined;
}

function add(container: Container, key: string, value: unknown): void {
  if (!Array.isArray(container)) setMember(container, key, value ?? null);
  else if (key === '-') container.push(value ?? null);
  else container.splice(position(key, container.length + 1), 0, value ?? null);
}

function remove(container: Container, key: string): void {
  if (Array.isArray(container)) container.splice(position(key, container.length), 1);
  else if (Object.hasOwn(container, key)) delete container[key];
  else throw new Inapplicable('no such member');
}
