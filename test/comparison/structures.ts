/** What the fields of the kinds are, as a server's OpenAPI v3 tells it. */
import type { Server } from './server.ts';

/** A field's structure; a reference is followed when it is asked for. */
export interface Structure {
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Structure>>;
  readonly items?: Structure;
  readonly additionalProperties?: Structure | boolean;
  readonly allOf?: readonly Structure[];
  readonly oneOf?: readonly Structure[];
  readonly $ref?: string;
  readonly 'x-kubernetes-group-version-kind'?: readonly GroupVersionKind[];
}

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

interface Document {
  readonly components?: { readonly schemas?: Readonly<Record<string, Structure>> };
}

interface ResourceList {
  readonly resources: readonly {
    readonly name: string;
    readonly kind: string;
    readonly namespaced: boolean;
    readonly verbs: readonly string[];
  }[];
}

/** A kind that can be created: where, and what it consists of. */
export interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  /** The collection, in the namespace `default` where there is one for each namespace. */
  readonly path: string;
  readonly verbs: readonly string[];
  readonly structure: Structure;
}

/** The structures of one group version. */
export class Structures {
  readonly #schemas: Readonly<Record<string, Structure>>;

  constructor(document: Document) {
    this.#schemas = document.components?.schemas ?? {};
  }

  /** What a structure stands for, once references and single parts of `allOf` are followed. */
  resolve(structure: Structure): Structure {
    const reference = structure.$ref ?? structure.allOf?.[0]?.$ref;
    if (reference === undefined) return structure;
    return this.resolve(this.#schemas[reference.slice(reference.lastIndexOf('/') + 1)] ?? {});
  }

  ofKind(group: string, version: string, kind: string): Structure | undefined {
    return Object.values(this.#schemas).find((schema) =>
      schema['x-kubernetes-group-version-kind']?.some(
        (gvk) => gvk.group === group && gvk.version === version && gvk.kind === kind,
      ),
    );
  }
}

/** Looks kinds up at a server, each group version once. */
export class Kinds {
  readonly #server: Server;
  readonly #versions = new Map<string, Promise<readonly [Structures, ResourceList]>>();

  constructor(server: Server) {
    this.#server = server;
  }

  /** The structures that `kind` refers to. @throws when the server does not serve the kind */
  async find(apiVersion: string, kind: string): Promise<readonly [Kind, Structures]> {
    const base = apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`;
    const version = this.#versions.get(base) ?? this.#read(base);
    this.#versions.set(base, version);
    const [structures, { resources }] = await version;
    const resource = resources.find(({ kind: served, name }) => served === kind && !name.includes('/'));
    const [group, name] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    const structure = structures.ofKind(group ?? '', name ?? '', kind);
    if (resource === undefined || structure === undefined)
      throw new Error(`${apiVersion} ${kind} is not served`);
    const path = `/${base}${resource.namespaced ? '/namespaces/default' : ''}/${resource.name}`;
    return [{ apiVersion, kind, path, verbs: resource.verbs, structure }, structures];
  }

  async #read(base: string): Promise<readonly [Structures, ResourceList]> {
    const [document, list] = await Promise.all([
      this.#server.send('GET', `/openapi/v3/${base}`),
      this.#server.send('GET', `/${base}`),
    ]);
    return [new Structures(document.body as Document), list.body as ResourceList];
  }
}
