import { apiVersionOf } from '../apimachinery/meta/object.ts';
import type { ResourceDefinition, VirtualResource } from './resource.ts';
import { type ServedResource, serve } from './served-resource.ts';

/** Every resource that this server answers for, by group, version and plural name. */
export class Catalog {
  readonly resources: readonly ServedResource[];
  readonly virtual: readonly VirtualResource[];
  readonly #served = new Map<string, ServedResource>();
  readonly #virtual = new Map<string, VirtualResource>();
  readonly #groups = new Set<string>();
  readonly #groupVersions = new Set<string>();
  readonly #schemas = new Map<string, string>();

  /**
   * The groups that discovery tells first, in its order; the others follow by their names. Clients take a resource that
   * several groups have from the first.
   */
  readonly groupOrder: readonly string[];
  readonly #former: ReadonlyMap<string, readonly string[]>;

  constructor(
    definitions: readonly ResourceDefinition[],
    virtual: readonly VirtualResource[],
    groupOrder: readonly string[] = [],
    former: ReadonlyMap<string, readonly string[]> = new Map(),
  ) {
    this.groupOrder = groupOrder;
    this.#former = former;
    this.resources = definitions.map((each) => serve(each, definitions));
    this.virtual = virtual;
    for (const served of this.resources) {
      const { group, version, resource } = served.definition;
      this.#schemas.set(`${served.apiVersion} ${served.definition.kind}`, served.definition.schema);
      for (const below of Object.values(served.definition.subresources ?? {})) {
        const body = below.kind === 'custom' ? below.body : undefined;
        if (body?.schema === undefined) continue;
        this.#schemas.set(`${apiVersionOf(body.group, body.version)} ${body.kind}`, body.schema);
      }
      this.#served.set(`${group}/${version}/${resource}`, served);
      this.#groups.add(group);
      this.#groupVersions.add(`${group}/${version}`);
    }
    for (const each of virtual) {
      this.#schemas.set(`${apiVersionOf(each.group, each.version)} ${each.kind}`, each.schema);
      this.#virtual.set(`${each.group}/${each.version}/${each.resource}`, each);
      this.#groups.add(each.group);
      this.#groupVersions.add(`${each.group}/${each.version}`);
    }
  }

  /** The stored resource of that name, if it is served. */
  find(group: string, version: string, resource: string): ServedResource | undefined {
    return this.#served.get(`${group}/${version}/${resource}`);
  }

  /** The virtual resource of that name, if it is served. */
  findVirtual(group: string, version: string, resource: string): VirtualResource | undefined {
    return this.#virtual.get(`${group}/${version}/${resource}`);
  }

  /** The name of the definition of a type that some endpoint reads; undefined for an unknown one. */
  schemaOf(apiVersion: string, kind: string): string | undefined {
    return this.#schemas.get(`${apiVersion} ${kind}`);
  }

  /** Whether a type is one that nothing reads any more, though it is still known. */
  isFormer(apiVersion: string, kind: string): boolean {
    return this.#former.get(apiVersion)?.includes(kind) === true;
  }

  /** Whether anything is served under that group, in whichever version. */
  hasGroup(group: string): boolean {
    return this.#groups.has(group);
  }

  /** Whether anything is served under that group and version. */
  has(group: string, version: string): boolean {
    return this.#groupVersions.has(`${group}/${version}`);
  }
}
