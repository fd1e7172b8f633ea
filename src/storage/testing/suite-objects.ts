import type { ApiObject } from '../../apimachinery/meta/object.ts';
import { StorageError, type StorageErrorCode, type StorageEvent, type StoredObject } from '../storage.ts';

/** An object for tests. */
export function configMap(name: string, value = ''): ApiObject & { data: { value: string } } {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      creationTimestamp: '2026-01-01T00:00:00Z',
      resourceVersion: '',
    },
    data: { value },
  };
}

/** An assertion on a StorageError's code. */
export function refusedAs(code: StorageErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof StorageError && error.code === code;
}

/** An observer that writes down what it is told. */
export function recorder(): {
  readonly events: StorageEvent[];
  readonly commits: number[];
  readonly progressed: number[];
  readonly ends: (StorageError | undefined)[];
  next(events: readonly StorageEvent[]): void;
  progress(revision: number): void;
  end(reason?: StorageError): void;
} {
  const events: StorageEvent[] = [];
  const commits: number[] = [];
  const progressed: number[] = [];
  const ends: (StorageError | undefined)[] = [];
  return {
    events,
    commits,
    progressed,
    ends,
    next(told) {
      events.push(...told);
      commits.push(told.length);
    },
    progress: (revision) => void progressed.push(revision),
    end: (reason) => void ends.push(reason),
  };
}

/** What {@link configMap} was given as its value. */
export function valueIn(stored: StoredObject | undefined): string | undefined {
  const object = stored?.object as ReturnType<typeof configMap> | undefined;
  return object?.data.value;
}
