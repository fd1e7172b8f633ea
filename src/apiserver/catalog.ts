import type { ResourceDefinition, VirtualResource } from './resource.ts';
import { type ServedResource, serve } from './served-resource.ts';

/** Every resource that this server answers for, by group, version and plural name. */
export class Catalog {
  readonly resources: readonly ServedResource[];
  readonly virtual: readonly VirtualResource[];
  readonly #served = new Map<string, ServedResource>();
  readonly #virtual = new Map<string, VirtualResource>();
  readonly #groupVersions = new Set<string>();
  readonly #kinds = new Set<string>();

  constructor(definitions: readonly ResourceDefinition[], virtual: readonly VirtualResource[]) {
    this.resources = definitions.map(serve);
    this.virtual = virtual;
    for (const served of this.resources) {
      const { group, version, resource } = served.definition;
      this.#kinds.add(`${served.apiVersion} ${served.definition.kind}`);
      this.#served.set(`${group}/${version}/${resource}`, served);
      this.#groupVersions.add(`${group}/${version}`);
    }
    for (const each of virtual) {
      this.#virtual.set(`${each.group}/${each.version}/${each.resource}`, each);
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

  /** Whether some resource of that version has objects of that kind. */
  hasKind(apiVersion: string, kind: string): boolean {
    return this.#kinds.has(`${apiVersion} ${kind}`);
  }

  /** Whether anything is served under that group and version. */
  has(group: string, version: string): boolean {
    return this.#groupVersions.has(`${group}/${version}`);
  }
}
