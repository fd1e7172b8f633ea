/**
 * What the generic server needs to know of a kind to serve it: the interface between this room, which knows no kind, and
 * the registry, which knows every one. Shaped after k8s.io/apiserver/pkg/registry/rest.
 */

import type { ApiAnswer, ApiRequest, UserInfo } from '../apimachinery/api-request.ts';
import type { Int64 } from '../apimachinery/exact-json.ts';
import type { FieldError } from '../apimachinery/field-error.ts';
import type { ApiObject, DeepReadonly } from '../apimachinery/meta/object.ts';
import type { DeleteOptions } from '../apimachinery/meta/types.ts';
import type { MetadataErrors } from '../apimachinery/validation/index.ts';
import type { Storage } from '../storage/storage.ts';

/** The circumstances of one write: who, when, and the request it came with. */
export interface RequestContext {
  readonly user: UserInfo;
  readonly request: ApiRequest;
  /** Wall time of the request, milliseconds since 1970. */
  readonly now: number;
  /** Adds a text for the `Warning` headers of the answer. */
  warn(text: string): void;
  /** Adds an annotation to what the audit log says of this request. */
  annotate(key: string, text: string): void;
}

/** The rules of an update: the kind's own, or those of one of its subresources. */
export interface UpdateRules<T extends ApiObject> {
  /** Restores from `old` what this endpoint may not change, and counts up `metadata.generation` when the spec changed. */
  prepareForUpdate(object: T, old: DeepReadonly<T>, context: RequestContext): void;
  /** What is wrong with the new state; `metadata`, once more, where upstream's rules for this kind check it. */
  validateUpdate(
    object: T,
    old: DeepReadonly<T>,
    context: RequestContext,
    metadata: MetadataErrors,
  ): readonly FieldError[];
  warningsOnUpdate?(object: T, old: DeepReadonly<T>, context: RequestContext): readonly string[];
  /**
   * Fields that `prepareForUpdate` restores, and `prepareForCreate` clears, so that nobody comes to own them through this
   * endpoint (upstream: GetResetFields). Default: the spec at `status`, and elsewhere the status where it has an endpoint.
   */
  readonly resetFields?: readonly (readonly string[])[];
}

/**
 * A kind's rules. Functions that take a `T` may change it (it is this request's own copy); what is `DeepReadonly` is
 * shared. All are pure but for that. The server calls, on create: `applyDefaults`, admission, `prepareForCreate`,
 * `validateCreate`, `warningsOnCreate`, validating admission, store. On update and patch: `applyDefaults`,
 * admission, `prepareForUpdate`, `validateUpdate`, `warningsOnUpdate`, validating admission, store.
 *
 * The server itself takes care of metadata (name and generateName, uid, creationTimestamp, generation bookkeeping apart
 * from `prepareFor…`, deletion timestamps, resourceVersion, immutable metadata and its validation).
 */
export interface Strategy<T extends ApiObject> extends UpdateRules<T> {
  /** Fills in what the API documents as default. Idempotent. `old` is given on update. */
  applyDefaults(object: T, old?: DeepReadonly<T>): void;
  /**
   * Whether an update may share with the stored object what it leaves as it is. The rules of such a kind find the very
   * same parts in `object` and `old`; these have been defaulted and validated, and are replaced, never changed. Default
   * false: `object` is a copy throughout.
   */
  readonly sharesUnchanged?: boolean;
  /** Clears what a client may not set at creation (status) and sets `metadata.generation`. */
  prepareForCreate(object: T, context: RequestContext): void;
  validateCreate(object: T, context: RequestContext): readonly FieldError[];
  warningsOnCreate?(object: T, context: RequestContext): readonly string[];
  /**
   * Whether upstream's rules for a new object of this kind leave out the metadata, so that the server's own rules for it
   * come after the kind's, and only where these found nothing. Default false: the metadata first, with the kind's rule for names.
   */
  readonly metadataLast?: boolean;
  /**
   * Whether finalizers may do without a domain. Default false: most kinds refuse those that Kubernetes does not know, but
   * upstream's younger kinds leave it at the rules for all metadata.
   */
  readonly undomainedFinalizers?: boolean;
  /** Whether PUT to a name that does not exist creates it. Default false. */
  readonly allowCreateOnUpdate?: boolean;
  /** Whether an update without resourceVersion is accepted. Default true, as for most kinds. */
  readonly allowUnconditionalUpdate?: boolean;
  /** Rule for `metadata.name` (`prefix`: it is a generateName); answers what is wrong. Default DNS-1123 subdomain. */
  validateName?(name: string, prefix: boolean): readonly string[];
  /**
   * Graceful deletion: seconds until the object may go, given what the client asked for (undefined: nothing); 0 removes
   * at once. Absent: the kind knows no grace.
   */
  gracePeriodSeconds?(object: DeepReadonly<T>, asked: Int64 | undefined): Int64;
  /**
   * Kubernetes' default when a delete names no propagation policy: Background for all but old kinds. Unsupported: the
   * garbage collector has nothing to do with the kind, and whatever a delete names is passed over (events).
   */
  readonly defaultPropagation?: 'Background' | 'Orphan' | 'Unsupported';
  /** Called before a deletion is carried out; throws StatusError to refuse it. */
  checkDelete?(object: DeepReadonly<T>, context: RequestContext, options: DeepReadonly<DeleteOptions>): void;
  /** Texts for the answer to a delete or deletecollection, whether or not the object exists. */
  warningsOnDelete?(options: DeepReadonly<DeleteOptions>, context: RequestContext): readonly string[];
  /** What else changes when an object that has to wait for finalizers is marked as deleting (a namespace's phase). */
  prepareForDelete?(object: T, context: RequestContext): void;
  /** Whether an object without `metadata.finalizers` may really go; false keeps it (a namespace with `spec.finalizers`). */
  mayVanish?(object: DeepReadonly<T>): boolean;
  /** Whether a delete that removed the object answers with it instead of with a Status (pods). Default false. */
  readonly returnsDeletedObject?: boolean;
}

/** `status` and other subresources that read and write a part of the stored object. */
export interface PartSubresource<T extends ApiObject> extends UpdateRules<T> {
  readonly kind: 'part';
  readonly verbs: readonly ('get' | 'update' | 'patch')[];
  /** Its answers are not shown as tables (upstream's storage of it cannot). */
  readonly untabled?: true;
}

/** How code of a kind changes an object. */
export interface InnerUpdate {
  /** Without the strategy's update rules. */
  readonly raw?: boolean;
  readonly dryRun?: boolean;
  /** Who is held to set what it changes, by the name of upstream's program. */
  readonly program?: string;
}

/** What a custom subresource or a virtual resource can reach. */
export interface Backend {
  readonly storage: Storage;
  /** Reads the parent object, or throws its 404. */
  get(request: ApiRequest): Promise<DeepReadonly<ApiObject>>;
  /**
   * Read, change a copy, write, and again on conflict; runs the strategy's update rules unless `raw`. Where the kind's
   * strategy `sharesUnchanged`, the copy goes one level into `metadata`, `spec` and `status`: deeper parts are to be
   * replaced, not changed. `managedFields` stay as they are, unless a `program` of this server changes it.
   */
  update(
    request: ApiRequest,
    change: (object: ApiObject) => void,
    context: RequestContext,
    options?: InnerUpdate,
  ): Promise<DeepReadonly<ApiObject>>;
  /** Another request through the whole handler chain (authorization apart), as the same user. */
  call(request: ApiRequest, context: RequestContext): Promise<ApiAnswer>;
}

/** What a body that is not stored has where its client says nothing of it. */
export interface BodyDefaults {
  /** Fills the defaults in, in place. */
  applyDefaults?(body: object): void;
}

/** `binding`, `log`, `token`, `eviction`: whatever a kind answers by code of its own. */
export interface CustomSubresource {
  readonly kind: 'custom';
  /** HTTP verbs served, as authorization names them (`create` = POST, `get` = GET). */
  readonly verbs: readonly ('get' | 'create' | 'update' | 'patch' | 'delete')[];
  /** The kind named by discovery when it is not the parent's, e.g. Binding of v1. */
  readonly body?: BodyDefaults & {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
    /** Name of its structural schema, by which the body of a create is decoded; without one it is taken as it is. */
    readonly schema?: string;
    /** Versions that are read as this one, though nothing else of them is served. */
    readonly formerVersions?: readonly string[];
  };
  /**
   * It answers with streams, whose verbs are `get` and `create` for the methods GET and POST of one and the same thing: so
   * that whoever may only get does not get in by the other method, GET asks for the permission to create as well. These are
   * the query parameters that it takes, by their names.
   */
  readonly connects?: Readonly<Record<string, 'string' | 'integer' | 'boolean'>>;
  /**
   * Its streams are HTTP requests that are handed on: every method is served, each by its own permission alone, and what
   * follows in the path is the backend's.
   */
  readonly proxies?: true;
  /** It answers with bytes as they come, which go in the messages of a WebSocket where a client opens one. */
  readonly tells?: true;
  handle(request: ApiRequest, context: RequestContext, backend: Backend): Promise<ApiAnswer>;
}

/** A column of `kubectl get` (metav1.TableColumnDefinition) and its cell. */
export interface TableColumn<T> {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format?: string;
  readonly description: string;
  /** 0: always shown; greater: only with `-o wide`. */
  readonly priority: number;
  cell(object: DeepReadonly<T>, now: number): string | number | boolean;
}

/** What the registry says of a kind, for the server to serve it. */
export interface ResourceDefinition<T extends ApiObject = ApiObject> {
  readonly group: string;
  readonly version: string;
  /** Plural: `jobs`. */
  readonly resource: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** Verbs served; default all eight. */
  readonly verbs?: readonly string[];
  /** Name of the structural schema in the definitions: `io.k8s.api.batch.v1.Job`. */
  readonly schema: string;
  readonly strategy: Strategy<T>;
  /** What Kubernetes' keys in the store begin with, which messages show. Default: `resource`. */
  readonly storagePrefix?: string;
  /**
   * Whether Kubernetes' watch cache leaves it out, so that its store answers reads itself. Nothing is read otherwise here, but for
   * what a read of one object says of a revision that is none. Default false.
   */
  readonly uncached?: boolean;
  /** The warning that every request for it gets. */
  readonly deprecation?: string;
  readonly subresources?: Readonly<Record<string, PartSubresource<T> | CustomSubresource>>;
  readonly columns: readonly TableColumn<T>[];
  /** What a row of a table says of its object beside the cells. Default: nothing. */
  rowConditions?(object: DeepReadonly<T>): readonly RowCondition[];
  /** Whether Kubernetes prints it as it does kinds that it knows nothing of, whose tables have null for no rows. Default false. */
  readonly plainTable?: boolean;
  /**
   * Fields that a field selector may name besides metadata.name and (for namespaced kinds) metadata.namespace, and how to
   * read them. Absent: only these two, which then are known for every kind.
   */
  readonly selectableFields?: Readonly<Record<string, FieldReader<T>['read']>>;
  /** What is said of any other field. Default: Kubernetes' usual words. */
  readonly fieldRefusal?: (field: string) => string;
  /**
   * For a second representation of objects that another resource stores (events of events.k8s.io): where they lie, and
   * how to turn them. Absent: the objects are stored as they are, under this group and resource.
   */
  readonly storedAs?: StoredAs<T>;
  /** For a kind of which nothing is stored, with the verbs get and list: all of its objects, made anew for each answer. */
  readonly objects?: () => Promise<readonly T[]>;
}

/** A condition of a table's row (metav1.TableRowCondition). */
export interface RowCondition {
  readonly type: 'Completed';
  readonly status: 'True';
  readonly reason: string;
  readonly message: string;
}

/** Reads one field for a field selector. */
export interface FieldReader<T> {
  read(object: DeepReadonly<T>): string;
}

/** The resource under whose keys the objects of a second representation lie. Both functions are pure. */
export interface StoredAs<T> {
  readonly group: string;
  readonly resource: string;
  /** This representation of a stored object. */
  fromStored(stored: DeepReadonly<ApiObject>): DeepReadonly<T>;
  /** What to store. May reuse parts of `object`, which nobody uses afterwards. */
  toStored(object: T): ApiObject;
}

/** Objects that are made anew for whoever reads them. */
export interface VirtualReads {
  get(request: ApiRequest, context: RequestContext, backend: Backend): Promise<ApiAnswer>;
  list(request: ApiRequest, context: RequestContext, backend: Backend): Promise<ApiAnswer>;
}

/** A resource that is never stored: it answers create (reviews such as SelfSubjectReview), or get and list. */
export interface VirtualResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly schema: string;
  create?(request: ApiRequest, context: RequestContext, backend: Backend): Promise<ApiAnswer>;
  readonly reads?: VirtualReads;
}

/** The verbs of a resource that is never stored. */
export function virtualVerbs(virtual: VirtualResource): readonly ('create' | 'get' | 'list')[] {
  return [
    ...(virtual.create === undefined ? [] : ['create' as const]),
    ...(virtual.reads === undefined ? [] : ['get' as const, 'list' as const]),
  ];
}

/** When a rule beyond a kind's own runs. */
export type AdmissionPhase = 'mutating' | 'allocating' | 'validating';

/** A rule beyond a kind's own: changes or refuses writes. Runs in the order of the list it is given in. */
export interface AdmissionPlugin {
  readonly name: string;
  /**
   * `mutating` (the default): it runs before the kind's own rules, and may change the object. `allocating`: likewise, but
   * on an update after the kind has settled what stays as it was. `validating`: it runs after validation, on what would
   * be stored.
   */
  readonly phase?: AdmissionPhase;
  /** Whether it looks at this request. */
  handles(request: ApiRequest): boolean;
  /** Fills in or refuses (StatusError). `object` is this request's own copy; undefined for delete. */
  admit(
    object: ApiObject | undefined,
    old: DeepReadonly<ApiObject> | undefined,
    context: RequestContext,
    backend: Backend,
  ): Promise<void> | void;
}
