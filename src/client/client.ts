/**
 * How every component talks to the API: typed calls over a {@link Transport}. In-process components and remote ones use
 * the same class and cannot tell which transport they were given.
 */
import type { PatchType, Transport } from '../apimachinery/api-request.ts';
import type { ApiObject, DeepReadonly, Draft } from '../apimachinery/meta/object.ts';
import type { Watch, WatchObserver } from '../apimachinery/watch-event.ts';

/** Names a kind for typed calls. Made once for each kind in `resources.ts`: `JOBS`, `PODS`, … */
export interface Resource<T extends ApiObject> {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Carries the type only; never set. */
  readonly phantom?: T;
}

/** A list as answered. */
export interface List<T> {
  readonly items: readonly DeepReadonly<T>[];
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
}

/** What to list or watch. */
export interface Selection {
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** Options of a deletion (metav1.DeleteOptions). */
export interface DeleteRequestOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

/** Typed access to the API. Every method throws StatusError; none retries. */
export interface Client {
  readonly transport: Transport;
  get<T extends ApiObject>(of: Resource<T>, namespace: string, name: string): Promise<DeepReadonly<T>>;
  list<T extends ApiObject>(
    of: Resource<T>,
    selection?: Selection,
    page?: { limit?: number; continue?: string; resourceVersion?: string },
  ): Promise<List<T>>;
  create<T extends ApiObject>(
    of: Resource<T>,
    namespace: string,
    object: DeepReadonly<Draft<T>>,
  ): Promise<DeepReadonly<T>>;
  update<T extends ApiObject>(of: Resource<T>, object: DeepReadonly<T>): Promise<DeepReadonly<T>>;
  updateStatus<T extends ApiObject>(of: Resource<T>, object: DeepReadonly<T>): Promise<DeepReadonly<T>>;
  /** `parameters` by wire name, such as `fieldManager` and `force` of an apply patch. */
  patch<T extends ApiObject>(
    of: Resource<T>,
    namespace: string,
    name: string,
    type: PatchType,
    patch: unknown,
    subresource?: string,
    parameters?: Readonly<Record<string, string>>,
  ): Promise<DeepReadonly<T>>;
  delete<T extends ApiObject>(
    of: Resource<T>,
    namespace: string,
    name: string,
    options?: DeleteRequestOptions,
  ): Promise<void>;
  deleteCollection<T extends ApiObject>(
    of: Resource<T>,
    selection: Selection,
    options?: DeleteRequestOptions,
  ): Promise<void>;
  /** POST to a subresource such as `binding` or `token`. */
  createSubresource<T extends ApiObject>(
    of: Resource<T>,
    namespace: string,
    name: string,
    subresource: string,
    body: object,
  ): Promise<DeepReadonly<object>>;
  /** Opens a watch. It asks for bookmarks: the observer also sees events of type BOOKMARK. */
  watch<T extends ApiObject>(
    of: Resource<T>,
    selection: Selection,
    resourceVersion: string,
    observer: WatchObserver<T>,
  ): Promise<Watch>;
  /** A pod's log; `parameters` by wire name (container, follow, tailLines, previous, timestamps, sinceSeconds, limitBytes). */
  logs(
    namespace: string,
    pod: string,
    parameters?: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>>;
}
