import type { Definitions } from '../../apimachinery/schema/index.ts';
import { newBadRequest } from '../../apimachinery/status-error.ts';
import type { Catalog } from '../catalog.ts';
import { type FieldNumbers, ProtobufDecoder, WireError } from '../protobuf/index.ts';

/** Definitions that every endpoint may be sent, whatever its kind. */
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** Decodes protobuf bodies; the numbers it needs are loaded with the first one. */
export class ProtobufBodies {
  readonly #catalog: Catalog;
  readonly #definitions: Definitions;
  readonly #load: () => Promise<FieldNumbers>;
  #decoder: Promise<ProtobufDecoder> | undefined;

  constructor(catalog: Catalog, definitions: Definitions, load: () => Promise<FieldNumbers>) {
    this.#catalog = catalog;
    this.#definitions = definitions;
    this.#load = load;
  }

  /** The object in a body; throws 400. */
  async decode(bytes: Uint8Array): Promise<unknown> {
    this.#decoder ??= this.#load().then((numbers) => new ProtobufDecoder(this.#definitions, numbers));
    const decoder = await this.#decoder;
    try {
      return decoder.decode(bytes, (apiVersion, kind) => this.#schemaOf(apiVersion, kind));
    } catch (error) {
      if (error instanceof WireError) throw newBadRequest(error.message);
      throw error;
    }
  }

  #schemaOf(apiVersion: string, kind: string): string | undefined {
    if (kind === 'DeleteOptions') return `${META}.DeleteOptions`;
    return this.#catalog.schemaOf(apiVersion, kind);
  }
}
