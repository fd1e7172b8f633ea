import { parseExactJson } from '../apimachinery/exact-json.ts';
import { invalid } from '../apimachinery/field-error.ts';
import { goValue } from '../apimachinery/go-text.ts';
import { cloneJson } from '../apimachinery/json.ts';
import { newUnconverted } from '../apimachinery/managed-fields/index.ts';
import { type ApiObject, apiVersionOf, type DeepReadonly } from '../apimachinery/meta/object.ts';
import {
  DecodeError,
  type DecodeOptions,
  type KindSchema,
  type SchemaSet,
} from '../apimachinery/schema/index.ts';
import { newBadRequest, newInvalid, type StatusError } from '../apimachinery/status-error.ts';
import type { Catalog } from './catalog.ts';
import type { Circumstances } from './circumstances.ts';
import type { WriteOptions } from './options/write-options.ts';
import type { ServedResource } from './served-resource.ts';
import { typeComplaint } from './type-complaint.ts';
import { isVersionless, newUnnamed, settleType, typeRefusal } from './writes/object-meta.ts';

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
      const decoded = this.#decoded(served, body, { ...literalsOf(context), ...knownOf(served, known) });
      return typed(this.#checked(decoded.object, doubtsOf(decoded, context), options, context), served, body);
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
    type: {
      readonly group: string;
      readonly version: string;
      readonly kind: string;
      readonly formerVersions?: readonly string[];
    },
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
    const { apiVersion: told } = body as { readonly apiVersion?: unknown };
    const former = (type.formerVersions ?? []).some((each) => told === apiVersionOf(type.group, each));
    const said = former ? { ...body, apiVersion } : body;
    settleType({ definition: type, apiVersion }, said, (its, itsKind) => this.#knows(its, itsKind));
    try {
      const decoded = schemas.kind(schema).decode(body, literalsOf(context));
      const checked = this.#checked(decoded.object, doubtsOf(decoded, context), options, context);
      return { ...checked, kind, apiVersion };
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw newNotHandled(kind, version, error);
    }
  }

  /**
   * The outcome of a patch as an object; throws 422 for one that is none of its kind, as upstream does there.
   *
   * @param findings what field validation has against the patch itself.
   */
  conform(
    served: ServedResource,
    patched: object,
    findings: readonly string[],
    options: WriteOptions,
    context: Circumstances,
    { known, strategic, applied, text }: Patching = {},
  ): ApiObject {
    const converts = strategic !== undefined || applied !== undefined;
    // Upstream decodes the text, whose members are in another order where a patch went by.
    const decoded = (): Decoded => {
      const { object, unknown } = this.#decoded(served, patched, { converts, ...knownOf(served, known) });
      if (unknown.length < 2 || converts || text === undefined) return { object, unknown };
      return { object, unknown: this.#decoded(served, parseExactJson(text()) as object).unknown };
    };
    try {
      const { object, unknown } = decoded();
      const strangers = converts ? unknownTexts(unknown).toSorted() : unknownTexts(unknown);
      return typed(this.#checked(object, [...findings, ...strangers], options, context), served, patched);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      if (applied !== undefined) throw newUnconverted(applied, error);
      const shown = converts ? goValue(strategic) : (text?.() ?? JSON.stringify(patched));
      const why = converts || text === undefined ? error : this.#complaintOf(served, shown, error);
      throw newInvalid('', '', '', [invalid('patch', shown, why.message)]);
    }
  }

  /** What decoding the text of an object that is none of its kind is refused for. */
  #complaintOf(served: ServedResource, text: string, otherwise: DecodeError): DecodeError {
    try {
      this.#decoded(served, parseExactJson(text) as object);
    } catch (error) {
      if (error instanceof DecodeError) return error;
      throw error;
    }
    return otherwise;
  }

  /** The structure of a kind, for patches; undefined for one without structural schema. */
  schemaOf({ definition: { schema } }: ServedResource): KindSchema | undefined {
    return this.schemaNamed(schema);
  }

  /** The structure of that name; undefined where there is none. */
  schemaNamed(schema: string): KindSchema | undefined {
    const schemas = this.#schemas;
    return schemas !== undefined && Object.hasOwn(schemas.definitions, schema)
      ? schemas.kind(schema)
      : undefined;
  }

  /** Refuses a body that says it is of another type than its endpoint. */
  settleType(served: ServedResource, body: { readonly kind?: unknown; readonly apiVersion?: unknown }): void {
    settleType(served, body, (apiVersion, kind) => this.#knows(apiVersion, kind));
  }

  /** Refuses the outcome of a patch likewise, with 422. */
  settlePatchedType(
    served: ServedResource,
    patched: { readonly kind?: unknown; readonly apiVersion?: unknown },
    text: () => string,
  ): void {
    const why =
      typeComplaint(patched) ??
      typeRefusal(
        served,
        isVersionless(served, patched) ? { ...patched, apiVersion: '' } : patched,
        (apiVersion, kind) => this.#knows(apiVersion, kind),
      );
    if (why !== undefined) throw newInvalid('', '', '', [invalid('patch', text(), why)]);
  }

  /**
   * Refuses the outcome of a patch that leaves no version. Upstream takes such an object for one of its own inside, which has none
   * of the fields as they are written: where field validation does not mind, it is the name that is missing.
   *
   * @param findings what field validation has against the patch itself.
   */
  refuseVersionless(
    name: string,
    text: string,
    findings: readonly string[],
    options: WriteOptions,
    context: Circumstances,
  ): never {
    const fields = Object.keys(parseExactJson(text) as object);
    const unknown = fields.filter((each) => each !== 'apiVersion' && each !== 'kind');
    try {
      this.#checked({}, [...findings, ...unknownTexts(unknown)], options, context);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw newInvalid('', '', '', [invalid('patch', text, error.message)]);
    }
    throw newUnnamed(name);
  }

  #knows(apiVersion: string, kind: string): boolean {
    if (this.#catalog.schemaOf(apiVersion, kind) !== undefined) return true;
    if (this.#catalog.isFormer(apiVersion, kind)) return true;
    const slash = apiVersion.indexOf('/');
    const [group, version] = [apiVersion.slice(0, Math.max(slash, 0)), apiVersion.slice(slash + 1)];
    if (OPTIONS.has(kind)) return this.#catalog.has(group, version);
    return kind.endsWith('List') && this.#catalog.schemaOf(apiVersion, kind.slice(0, -4)) !== undefined;
  }

  /** What was decoded, when field validation does not refuse it. */
  #checked(
    object: Record<string, unknown>,
    doubts: readonly string[],
    { fieldValidation }: WriteOptions,
    context: Circumstances,
  ): Record<string, unknown> {
    if (fieldValidation === 'Ignore' || doubts.length === 0) return object;
    const told = doubts.slice(0, DOUBTS_MAX);
    if (fieldValidation === 'Strict') throw new DecodeError(`strict decoding error: ${told.join(', ')}`);
    // YAML's reader tells of all keys that stand twice at once; as warnings they are one each.
    for (const text of told) for (const each of text.split('\n  ')) if (each !== TWICE) context.warn(each);
    return object;
  }

  #decoded(served: ServedResource, body: object, options?: DecodeOptions): Decoded {
    const schema = this.schemaOf(served);
    if (schema !== undefined) return schema.decode(body, options);
    return { object: cloneJson(body) as Record<string, unknown>, unknown: NOTHING };
  }
}

/** How a patched object came about. */
export interface Patching {
  /** As of {@link BodyReader.read}: the object that was patched. */
  readonly known?: DeepReadonly<ApiObject> | undefined;
  /** The patch, when it is a strategic merge: upstream then complains in other words, and shows it. */
  readonly strategic?: unknown;
  /** The configuration that was applied: upstream then complains in the same words, as of an error of its own. */
  readonly applied?: object | undefined;
  /** The patched object as upstream shows it in its refusal. */
  readonly text?: (() => string) | undefined;
}

/** What a decoding may share, where the kind's strategy allows it. */
function knownOf({ definition }: ServedResource, known: DeepReadonly<ApiObject> | undefined): DecodeOptions {
  return known === undefined || !definition.strategy.sharesUnchanged ? {} : { known };
}

/** How the body's numbers are written. */
function literalsOf({ bodyText }: Circumstances): DecodeOptions {
  return bodyText === undefined ? {} : { literals: bodyText.literals };
}

/** What field validation has against a body. */
function doubtsOf({ unknown }: Decoded, { bodyText }: Circumstances): readonly string[] {
  return bodyText === undefined ? unknownTexts(unknown) : bodyText.doubts(unknown);
}

function unknownTexts(unknown: readonly string[]): readonly string[] {
  return unknown.map((path) => `unknown field ${JSON.stringify(path)}`);
}

type Decoded = ReturnType<KindSchema['decode']>;

function isRecord(body: unknown): body is object {
  return typeof body === 'object' && body !== null && !Array.isArray(body);
}

function newUnrecognized(kind: string, body: unknown): StatusError {
  return newBadRequest(
    `the object provided is unrecognized (must be of type ${kind}): ${typeComplaint(body)} (${JSON.stringify(body) ?? ''})`,
  );
}

function newNotHandled(kind: string, version: string, { message }: DecodeError): StatusError {
  return newBadRequest(
    `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${message}`,
  );
}

/** Kinds that upstream knows in every version of every group. */
const OPTIONS: ReadonlySet<string> = new Set([
  'CreateOptions',
  'DeleteOptions',
  'GetOptions',
  'ListOptions',
  'PatchOptions',
  'UpdateOptions',
]);

/** Findings of field validation that are told: Kubernetes' decoder stops at a hundred too. */
const DOUBTS_MAX = 100;

/** What YAML's reader says before the keys that stand twice. */
export const TWICE = 'yaml: unmarshal errors:';

const NOTHING: readonly string[] = [];

/**
 * Type first, as Kubernetes writes objects, so that the stored texts of a kind begin alike. The metadata are the object's
 * own, for the server writes in them.
 */
function typed(
  object: Record<string, unknown>,
  { definition, apiVersion }: ServedResource,
  sent: object,
): ApiObject {
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = object;
  const own =
    metadata === undefined
      ? {}
      : {
          metadata: {
            ...(metadata as ApiObject['metadata']),
            ...(isDisowned(sent) && { managedFields: [] }),
          },
        };
  return { kind: definition.kind, apiVersion, ...own, ...rest } as ApiObject;
}

/** Whether a body gives up all ownership of fields by an empty list, which is as good as none to the decoder. */
function isDisowned(sent: { readonly metadata?: { readonly managedFields?: unknown } | null }): boolean {
  const entries = sent.metadata?.managedFields;
  return Array.isArray(entries) && entries.length === 0;
}
