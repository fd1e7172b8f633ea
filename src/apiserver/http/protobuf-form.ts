import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { SchemaSet } from '../../apimachinery/schema/index.ts';
import { newBadRequest, StatusError } from '../../apimachinery/status-error.ts';
import type { Catalog } from '../catalog.ts';
import {
  type FieldNumbers,
  MessageTypes,
  ProtobufDecoder,
  ProtobufEncoder,
  SERVER_MESSAGES,
} from '../protobuf/index.ts';
import { SCHEME } from '../writes/object-meta.ts';

/** Definitions that every endpoint may be sent or answer, whatever its kind. */
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const DISCOVERY_KINDS = new Set(['APIVersions', 'APIGroupList', 'APIGroup', 'APIResourceList']);
const META_KINDS = new Set(['PartialObjectMetadata', 'PartialObjectMetadataList']);

/** What a body is taken for where it does not say what it is. */
export interface TypeOfBody {
  readonly apiVersion: string;
  readonly kind: string;
  /** Versions that are read as that one. */
  readonly formerly?: readonly string[];
}

/** Bodies and answers in protobuf: which message a type is. */
export class ProtobufForm {
  readonly #catalog: Catalog;
  readonly #types: MessageTypes;
  readonly #decoder: ProtobufDecoder;
  readonly #encoder: ProtobufEncoder;

  constructor(catalog: Catalog, schemas: SchemaSet, numbers: FieldNumbers) {
    this.#catalog = catalog;
    const { definitions, wire } = schemas;
    this.#types = new MessageTypes(SERVER_MESSAGES, { definitions, wire, numbers });
    this.#decoder = new ProtobufDecoder(this.#types);
    this.#encoder = new ProtobufEncoder(this.#types);
  }

  /** The object in a body that is to be an `expected`; throws WireError, and 400 for an unknown type. */
  decode(bytes: Uint8Array, expected: TypeOfBody): unknown {
    return this.#decoder.decode(bytes, (saidVersion, saidKind) => {
      const { formerly = [] } = expected;
      const former = formerly.includes(saidVersion);
      const apiVersion = former ? expected.apiVersion : saidVersion || expected.apiVersion;
      const kind = saidKind || expected.kind;
      const type = this.#typeOf(apiVersion, kind);
      if (type !== undefined) return type;
      if (expected.kind === 'DeleteOptions') return optionsType(kind);
      const version = JSON.stringify(apiVersion.slice(apiVersion.indexOf('/') + 1));
      throw newBadRequest(
        `${kind} in version ${version} cannot be handled as a ${expected.kind}: no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme ${JSON.stringify(SCHEME)}`,
      );
    });
  }

  /** An answer; throws 406 for a type that has no protobuf. */
  encode(object: DeepReadonly<object>): Buffer {
    const { apiVersion = '', kind = '' } = object as Partial<ApiObject>;
    const type = this.#messageOf(apiVersion, kind, object);
    if (type === undefined || !this.#types.has(type)) {
      throw new StatusError(
        406,
        'NotAcceptable',
        `${kind} of ${apiVersion} cannot be encoded to a protobuf message`,
      );
    }
    return this.#encoder.encode(type, apiVersion, kind, object);
  }

  /** An event of a watch, after its length. */
  frame(type: string, object: DeepReadonly<object>): Buffer {
    return this.#encoder.frame(type, this.encode(object));
  }

  /** A list with nothing in it is the same message whatever it would list, known here or not. */
  #messageOf(apiVersion: string, kind: string, object: { readonly items?: unknown }): string | undefined {
    const type = this.#typeOf(apiVersion, kind);
    if (type === undefined || this.#types.has(type)) return type;
    const { items } = object;
    return Array.isArray(items) && items.length === 0 ? `${META}.PartialObjectMetadataList` : type;
  }

  #typeOf(apiVersion: string, kind: string): string | undefined {
    if (kind === 'DeleteOptions') return `${META}.DeleteOptions`;
    if (kind === 'Status' && apiVersion === 'v1') return `${META}.Status`;
    if (META_KINDS.has(kind) && apiVersion.startsWith('meta.k8s.io/')) return `${META}.${kind}`;
    if (kind === 'APIGroupDiscoveryList') return `io.k8s.api.apidiscovery.v2.${kind}`;
    if (DISCOVERY_KINDS.has(kind) && (apiVersion === 'v1' || apiVersion === '')) return `${META}.${kind}`;
    const type = this.#catalog.schemaOf(apiVersion, kind);
    if (type !== undefined || !kind.endsWith('List')) return type;
    const item = this.#catalog.schemaOf(apiVersion, kind.slice(0, -'List'.length));
    return item === undefined ? undefined : `${item}List`;
  }
}

/**
 * The message of a kind that is sent for DeleteOptions and is no resource's: none, for it is its name alone that whoever
 * reads the options refuses. Other options are known to upstream's decoder, which refuses them itself.
 */
function optionsType(kind: string): string {
  if (kind !== 'CreateOptions' && kind !== 'UpdateOptions') return '';
  throw newBadRequest(`converting (v1.${kind}) to (v1.DeleteOptions): unknown conversion`);
}
