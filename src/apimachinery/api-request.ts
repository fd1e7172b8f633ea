/**
 * A request to the API as both of its ends see it, below HTTP and above the kinds: what the HTTP front end parses out of
 * a URL, and what an in-process client hands over directly. Parameters keep their wire names (`labelSelector`,
 * `resourceVersion`, `propagationPolicy`, …), so that there is one documentation for both: the Kubernetes API reference.
 */
import type { Duplex } from 'node:stream';
import type { DeepReadonly } from './meta/object.ts';
import type { OpenPort, RemoteProcess, WantedStreams } from './streaming/index.ts';
import type { Watch, WatchObserver } from './watch-event.ts';

/** The verbs that authorization knows. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** Content types of a patch body. */
export type PatchType =
  | 'application/json-patch+json'
  | 'application/merge-patch+json'
  | 'application/strategic-merge-patch+json'
  | 'application/apply-patch+yaml';

/** Who asks, as authentication found out (authentication.k8s.io/v1 UserInfo). */
export interface UserInfo {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** One request for a resource. */
export interface ApiRequest {
  readonly verb: Verb;
  readonly group: string;
  readonly version: string;
  /** Plural name: `jobs`. */
  readonly resource: string;
  /** `status`, `binding`, `log`, `token`, …; absent for the object itself. */
  readonly subresource?: string;
  /** What follows the subresource in the path, from its slash on and as it was written: `proxy` alone has any. */
  readonly rest?: string;
  /** Absent for cluster-scoped resources and for a list over all namespaces. */
  readonly namespace?: string;
  /** Absent for collections and for create. */
  readonly name?: string;
  /** Query parameters by wire name. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** All values of the parameters that stand more than once, by wire name. */
  readonly repeated?: Readonly<Record<string, readonly string[]>>;
  /** The decoded body: an object for create and update, the patch for patch, DeleteOptions for the delete verbs. Never changed by the server. */
  readonly body?: unknown;
  /** For verb `patch`. */
  readonly patchType?: PatchType;
  /** The trace that the client's request is part of (W3C Trace Context), to be handed on with whatever is asked of others. */
  readonly traceparent?: string;
  /** Ends a long-running request; ignored once a write has been accepted. */
  readonly signal?: AbortSignal;
}

/** An object (or list, or Status) as answer. */
export interface ObjectAnswer {
  readonly kind: 'object';
  /** HTTP status code: 200, 201 or 202. */
  readonly code: number;
  readonly object: DeepReadonly<object>;
  /** Texts for `Warning` headers. */
  readonly warnings?: readonly string[];
}

/** Bytes as answer: a pod's log. The iterable ends with the stream; returning early releases it. */
export interface StreamAnswer {
  readonly kind: 'stream';
  /** Default 200. */
  readonly code?: number;
  readonly contentType: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Whom an HTTP request is handed on to. */
export interface HttpBackend {
  /** Whether it is spoken to in TLS; nobody looks at its certificate. */
  readonly secure: boolean;
  /** Its address, with the port where that is not the scheme's own: what its own links call it. */
  readonly host: string;
  /** Connects; rejects with the StatusError that the client gets. */
  open(): Promise<Duplex>;
}

/** Streams as answer: to a process, to ports, or the way for the request itself. Whoever holds the client's connection opens them and joins the two. */
export interface ConnectAnswer {
  readonly kind: 'connect';
  readonly streams:
    | {
        readonly kind: 'command';
        readonly wanted: WantedStreams;
        /** Rejects with the StatusError or StreamRefusal that the client gets. */
        open(): Promise<RemoteProcess>;
      }
    | {
        readonly kind: 'ports';
        /** The ports that were named at once; for protocols that name them later, none have to be. */
        readonly ports: readonly number[];
        /** Rejects likewise. `named`: whether the ports above are all there are. */
        open(named: boolean): Promise<OpenPort>;
      }
    | { readonly kind: 'http'; readonly backend: HttpBackend };
}

/** What comes back for anything but a watch. Errors are thrown as StatusError. */
export type ApiAnswer = ObjectAnswer | StreamAnswer | ConnectAnswer;

/**
 * A way to the API for one user: in process (below TLS and JSON) or over HTTPS. Both give the same answers and throw the
 * same StatusErrors.
 */
export interface Transport {
  send(request: ApiRequest): Promise<ApiAnswer>;
  /** Opens a watch (verb `watch`); resolves once the server has accepted it, rejects with its StatusError otherwise. */
  watch(request: ApiRequest, observer: WatchObserver): Promise<Watch>;
}
