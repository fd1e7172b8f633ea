import { createHash } from 'node:crypto';
import { apiVersionOf } from '../../apimachinery/meta/object.ts';
import type { Catalog } from '../catalog.ts';
import { AGGREGATED_VERSION } from '../http/answer/negotiate.ts';
import { type CustomSubresource, virtualVerbs } from '../resource.ts';
import { ALL_VERBS, type ServedResource } from '../served-resource.ts';

/** An APIResource of meta/v1, as the legacy documents list it. */
interface Entry {
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly group?: string;
  readonly version?: string;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly storageVersionHash?: string;
}

/** One group with its versions, the preferred one first. */
interface Group {
  readonly name: string;
  readonly versions: readonly string[];
}

/** The groups served but the core one, in the order of the catalog, the preferred version first. */
export function groupsOf(catalog: Catalog): readonly Group[] {
  const groups = new Map<string, Set<string>>();
  for (const { group, version } of [
    ...catalog.resources.map((each) => each.definition),
    ...catalog.virtual,
  ]) {
    const versions = groups.get(group) ?? new Set<string>();
    versions.add(version);
    groups.set(group, versions);
  }
  const { groupOrder } = catalog;
  const place = (name: string): number => (groupOrder.includes(name) ? groupOrder.indexOf(name) : Infinity);
  return [...groups]
    .filter(([name]) => name !== '')
    .map(([name, versions]) => ({ name, versions: [...versions].sort(byStability) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .sort((a, b) => (place(a.name) === place(b.name) ? 0 : place(a.name) - place(b.name)));
}

/** `v1` before `v1beta1` before `v1alpha1`; higher numbers first. */
function byStability(a: string, b: string): number {
  const rank = (version: string): readonly number[] => {
    const [, major = '0', stage = '', minor = '0'] = /^v(\d+)(alpha|beta)?(\d+)?$/.exec(version) ?? [];
    return [stage === '' ? 2 : stage === 'beta' ? 1 : 0, Number(major), Number(minor)];
  };
  const left = rank(a);
  const right = rank(b);
  for (let at = 0; at < 3; at++) {
    const difference = (right[at] ?? 0) - (left[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The document at `/api`. */
export function apiVersions(address: string): object {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
  };
}

/** The document at `/apis/GROUP`. */
export function apiGroup({ name, versions }: Group): object {
  const entries = versions.map((version) => ({ groupVersion: apiVersionOf(name, version), version }));
  return { kind: 'APIGroup', apiVersion: 'v1', name, versions: entries, preferredVersion: entries[0] };
}

/** The document at `/apis`. */
export function apiGroupList(catalog: Catalog): object {
  const groups = groupsOf(catalog).map((group) => {
    const { kind: _kind, apiVersion: _version, ...rest } = apiGroup(group) as Record<string, unknown>;
    return rest;
  });
  return { kind: 'APIGroupList', apiVersion: 'v1', groups };
}

/** The document at `/api/v1` or `/apis/GROUP/VERSION`; undefined when nothing is served there. */
export function apiResourceList(catalog: Catalog, group: string, version: string): object | undefined {
  if (!catalog.has(group, version)) return undefined;
  const resources: Entry[] = [];
  for (const served of catalog.resources) {
    const { definition } = served;
    if (definition.group !== group || definition.version !== version) continue;
    resources.push(entryOf(served), ...subresourceEntries(served));
  }
  for (const each of catalog.virtual) {
    if (each.group !== group || each.version !== version) continue;
    const { resource, singular, namespaced, kind } = each;
    resources.push({ name: resource, singularName: singular, namespaced, kind, verbs: virtualVerbs(each) });
  }
  resources.sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    kind: 'APIResourceList',
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: apiVersionOf(group, version),
    resources,
  };
}

function entryOf(served: ServedResource): Entry {
  const { resource, singular, namespaced, kind, shortNames, categories } = served.definition;
  return {
    name: resource,
    singularName: singular,
    namespaced,
    kind,
    verbs: ALL_VERBS.filter((verb) => served.verbs.has(verb)),
    ...(shortNames === undefined ? {} : { shortNames }),
    ...(categories === undefined ? {} : { categories }),
    ...(served.definition.objects === undefined ? { storageVersionHash: storageVersionHash(served) } : {}),
  };
}

/** The kind and verbs of each subresource; the kind's group only where it is not the parent's. */
function subresourceEntries(served: ServedResource): readonly Entry[] {
  const { definition } = served;
  return Object.entries(definition.subresources ?? {}).map(([name, subresource]) => {
    const body = subresource.kind === 'custom' ? subresource.body : undefined;
    const foreign =
      body !== undefined && (body.group !== definition.group || body.version !== definition.version);
    return {
      name: `${definition.resource}/${name}`,
      singularName: '',
      namespaced: definition.namespaced,
      ...(foreign && body !== undefined ? { group: body.group, version: body.version } : {}),
      kind: body?.kind ?? definition.kind,
      verbs: [...subresource.verbs].sort(),
    };
  });
}

/**
 * Changes when the stored form would: the first eight bytes of a hash over group, version and kind of what is stored, as
 * upstream's.
 */
function storageVersionHash({ definition }: ServedResource): string {
  const { group, version, kind, storedAs } = definition;
  return createHash('sha256')
    .update(`${storedAs?.group ?? group}/${version}/${kind}`)
    .digest()
    .subarray(0, 8)
    .toString('base64');
}

/** The aggregated document (APIGroupDiscoveryList of apidiscovery.k8s.io/v2) of the core group or of all others. */
export function aggregated(catalog: Catalog, core: boolean): object {
  const groups: readonly Group[] = core ? [{ name: '', versions: ['v1'] }] : groupsOf(catalog);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${AGGREGATED_VERSION}`,
    metadata: {},
    items: groups.map(({ name, versions }) => ({
      metadata: name === '' ? {} : { name },
      versions: versions.map((version) => ({
        version,
        resources: discoveredResources(catalog, name, version),
        freshness: 'Current',
      })),
    })),
  };
}

function discoveredResources(catalog: Catalog, group: string, version: string): readonly object[] {
  const stored = catalog.resources
    .filter(({ definition }) => definition.group === group && definition.version === version)
    .map((served) => discovered(served));
  const virtual = catalog.virtual
    .filter((each) => each.group === group && each.version === version)
    .map((each) => ({
      resource: each.resource,
      responseKind: ofTheList(each.kind),
      scope: each.namespaced ? 'Namespaced' : 'Cluster',
      singularResource: each.singular,
      verbs: virtualVerbs(each),
    }));
  return [...stored, ...virtual].sort((a, b) => (a.resource < b.resource ? -1 : 1));
}

function discovered(
  served: ServedResource,
): Readonly<Record<string, unknown>> & { readonly resource: string } {
  const { definition } = served;
  const { resource, singular, namespaced, kind, shortNames, categories, subresources } = definition;
  const own = ofTheList(kind);
  const below = Object.entries(subresources ?? {}).map(([subresource, each]) => ({
    subresource,
    responseKind: bodyKind(each, definition) ?? own,
    verbs: [...each.verbs].sort(),
  }));
  return {
    resource,
    responseKind: own,
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: ALL_VERBS.filter((verb) => served.verbs.has(verb)),
    ...(shortNames === undefined ? {} : { shortNames }),
    ...(categories === undefined ? {} : { categories }),
    ...(below.length === 0 ? {} : { subresources: below }),
  };
}

/** A type of the group and version that the list is of: upstream leaves those two empty, as in the legacy document. */
function ofTheList(kind: string): object {
  return { group: '', version: '', kind };
}

/** The type of a subresource that has a body of its own, without what only this server knows of it. */
function bodyKind(
  subresource: CustomSubresource | { readonly kind: 'part' },
  parent: { readonly group: string; readonly version: string },
): object | undefined {
  const body = subresource.kind === 'custom' ? subresource.body : undefined;
  if (body === undefined) return undefined;
  const { group, version, kind } = body;
  return group === parent.group && version === parent.version ? ofTheList(kind) : { group, version, kind };
}
