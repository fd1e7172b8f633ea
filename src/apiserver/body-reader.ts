import { invalid } from '../apimachinery/field-error.ts';
import { cloneJson } from '../apimachinery/json.ts';
import { type ApiObject, apiVersionOf, type DeepReadonly } from '../apimachinery/meta/object.ts';
import { DecodeError, type KindSchema, type SchemaSet } from '../apimachinery/schema/index.ts';
import { newBadRequest, newInvalid, type StatusError } from '../apimachinery/status-error.ts';
import type { Catalog } from './catalog.ts';
import type { Circumstances } from './circumstances.ts';
import { settleType } from './object-meta.ts';
import type { WriteOptions } from './request-options.ts';
import type { ServedResource } from './served-resource.ts';

/** Turns bodies into objects of this request's own, in the form in which Kubernetes would write them. */
export class BodyReader {
  readonly #catalog: Catalog;
  readonly #schemas: SchemaSet | undefined;

  /** @param schemas absent: bodies are taken as they are. */
  constructor(catalog: Catalog, schemas?: SchemaSet) {
    this.#catalog = catalog;
    this.#schemas = schemas;
  }

  /**
   * The body of a create or update as an object that the handlers may change. Throws 400 for a body of another type, for
   * values that do not fit their fields, and under strict validation for fields that the kind does not have.
   *
   * @param known the stored object that the body may have been derived from in this process: what both have in common is
   * shared, and read-only, where the kind's strategy `sharesUnchanged`.
   */
  read(
    served: ServedResource,
    body: unknown,
    options: WriteOptions,
    context: Circumstances,
    known?: DeepReadonly<ApiObject>,
  ): ApiObject {
    const { kind, version } = served.definition;
    if (!isRecord(body)) throw newUnrecognized(kind, body);
    this.settleType(served, body);
    try {
      return typed(this.#decode(served, body, NOTHING, options, context, known), served);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw newNotHandled(kind, version, error);
    }
  }

  /**
   * The body of a request to something that is answered by code of its own (a review, a token request), in the form in
   * which Go would write it. Throws 400 as {@link read} does.
   */
  readReview(
    type: { readonly group: string; readonly version: string; readonly kind: string },
    schema: string,
    body: unknown,
    options: WriteOptions,
    context: Circumstances,
  ): object {
    const { kind, version } = type;
    const schemas = this.#schemas;
    if (schemas === undefined || !Object.hasOwn(schemas.definitions, schema)) return (body ?? {}) as object;
    if (!isRecord(body)) throw newUnrecognized(kind, body);
    const apiVersion = apiVersionOf(type.group, version);
    settleType({ definition: type, apiVersion }, body, (said, saidKind) => this.#knows(said, saidKind));
    try {
      const decoded = this.#checked(schemas.kind(schema).decode(body), NOTHING, options, context);
      return { ...decoded, kind, apiVersion };
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw newNotHandled(kind, version, error);
    }
  }

  /**
   * The outcome of a patch as an object; throws 422 for one that is none of its kind, as upstream does there.
   *
   * @param findings what field validation has against the patch itself.
   * @param known as in {@link read}: the object that was patched.
   */
  conform(
    served: ServedResource,
    patched: object,
    findings: readonly string[],
    options: WriteOptions,
    context: Circumstances,
    known?: DeepReadonly<ApiObject>,
  ): ApiObject {
    try {
      return typed(this.#decode(served, patched, findings, options, context, known), served);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw newInvalid('', '', '', [invalid('patch', JSON.stringify(patched), error.message)]);
    }
  }

  /** The structure of a kind, for patches; undefined for one without structural schema. */
  schemaOf({ definition: { schema } }: ServedResource): KindSchema | undefined {
    const schemas = this.#schemas;
    return schemas !== undefined && Object.hasOwn(schemas.definitions, schema)
      ? schemas.kind(schema)
      : undefined;
  }

  /** Refuses a body that says it is of another type than its endpoint. */
  settleType(served: ServedResource, body: { readonly kind?: unknown; readonly apiVersion?: unknown }): void {
    settleType(served, body, (apiVersion, kind) => this.#knows(apiVersion, kind));
  }

  #knows(apiVersion: string, kind: string): boolean {
    return this.#catalog.schemaOf(apiVersion, kind) !== undefined;
  }

  #decode(
    served: ServedResource,
    body: object,
    findings: readonly string[],
    options: WriteOptions,
    context: Circumstances,
    known: DeepReadonly<ApiObject> | undefined,
  ): Record<string, unknown> {
    return this.#checked(this.#decoded(served, body, known), findings, options, context);
  }

  /** What was decoded, when field validation has nothing against it. */
  #checked(
    { object, unknown }: Decoded,
    findings: readonly string[],
    { fieldValidation }: WriteOptions,
    context: Circumstances,
  ): Record<string, unknown> {
    const { duplicateFields } = context;
    if (fieldValidation === 'Ignore') return object;
    const doubts = [
      ...findings,
      ...duplicateFields.map((path) => `duplicate field ${JSON.stringify(path)}`),
      ...unknown.map((path) => `unknown field ${JSON.stringify(path)}`),
    ];
    if (doubts.length === 0) return object;
    if (doubts.length > DOUBTS_MAX) doubts.length = DOUBTS_MAX;
    if (fieldValidation === 'Strict') throw new DecodeError(`strict decoding error: ${doubts.join(', ')}`);
    for (const text of doubts) context.warn(text);
    return object;
  }

  #decoded(served: ServedResource, body: object, known: DeepReadonly<ApiObject> | undefined): Decoded {
    const schema = this.schemaOf(served);
    const shares = served.definition.strategy.sharesUnchanged ?? false;
    if (schema !== undefined) return schema.decode(body, shares ? known : undefined);
    return { object: cloneJson(body) as Record<string, unknown>, unknown: NOTHING };
  }
}

type Decoded = ReturnType<KindSchema['decode']>;

function isRecord(body: unknown): body is object {
  return typeof body === 'object' && body !== null && !Array.isArray(body);
}

function newUnrecognized(kind: string, body: unknown): StatusError {
  return newBadRequest(
    `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: json: cannot unmarshal ${goKind(body)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" } (${JSON.stringify(body) ?? ''})`,
  );
}

function newNotHandled(kind: string, version: string, { message }: DecodeError): StatusError {
  return newBadRequest(
    `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${message}`,
  );
}

/** Findings of field validation that are told: Kubernetes' decoder stops at a hundred too. */
const DOUBTS_MAX = 100;

const NOTHING: readonly string[] = [];

/**
 * Type first, as Kubernetes writes objects, so that the stored texts of a kind begin alike. The metadata are the object's
 * own, for the server writes in them.
 */
function typed(object: Record<string, unknown>, { definition, apiVersion }: ServedResource): ApiObject {
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = object;
  const own = metadata === undefined ? {} : { metadata: { ...(metadata as ApiObject['metadata']) } };
  return { kind: definition.kind, apiVersion, ...own, ...rest } as ApiObject;
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return value === null || value === undefined ? 'null' : typeof value;
}
