import { rfc3339 } from '../../apimachinery/clock.ts';
import { type FieldError, invalid } from '../../apimachinery/field-error.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { ObjectMeta } from '../../apimachinery/meta/types.ts';
import { newBadRequest, type StatusError } from '../../apimachinery/status-error.ts';
import {
  type MetadataErrors,
  type NameRule,
  validateFinalizerDomains,
  validateObjectMeta,
  validateObjectMetaUpdate,
  validatePathSegmentName,
} from '../../apimachinery/validation/index.ts';
import type { ServedResource } from '../served-resource.ts';

/** A body's metadata as the server finds it: anything may be missing still. */
export function metadataOf(object: ApiObject): ApiObject['metadata'] {
  object.metadata ??= {} as ApiObject['metadata'];
  return object.metadata;
}

/** How upstream's messages name the table of types that it knows. */
export const SCHEME = 'pkg/api/legacyscheme/scheme.go:30';

/** Refuses a body that says it is of another type, with the 400 that upstream's decoder answers. */
export function settleType(
  type: ExpectedType,
  body: SaidType,
  isKnown: (apiVersion: string, kind: string) => boolean,
): void {
  const why = typeRefusal(type, body, isKnown);
  if (why === undefined) return;
  const { kind } = type.definition;
  const [said, saidKind] = saidType(type, body);
  if (saidKind === kind && isKnown(said, saidKind)) throw newBadRequest(why);
  const version = JSON.stringify(said.slice(said.indexOf('/') + 1));
  throw newBadRequest(`${saidKind} in version ${version} cannot be handled as a ${kind}: ${why}`);
}

interface ExpectedType {
  readonly definition: { readonly kind: string; readonly group: string };
  readonly apiVersion: string;
}

interface SaidType {
  readonly kind?: unknown;
  readonly apiVersion?: unknown;
}

/** What a body says it is; what it does not say is as expected. */
function saidType({ definition, apiVersion }: ExpectedType, body: SaidType): readonly [string, string] {
  const kind = typeof body.kind === 'string' && body.kind !== '' ? body.kind : definition.kind;
  // Go reads a version with nothing before its slash as one of the core group, and a mere slash as none.
  const version = typeof body.apiVersion === 'string' ? body.apiVersion.replace(/^\//, '') : '';
  return [version === '' || version === `${definition.group}/` ? apiVersion : version, kind];
}

/** Whether a body names no version, or the one under which upstream holds objects inside. */
export function isVersionless({ definition: { group } }: ExpectedType, { apiVersion }: SaidType): boolean {
  if (typeof apiVersion !== 'string' || apiVersion === '/') return true;
  const version = apiVersion.replace(/^\//, '');
  if (version === '') return true;
  const inside = group === '' ? ['__internal'] : [`${group}/`, `${group}/__internal`];
  return inside.includes(version);
}

/** Why a body is not of the expected type, in the words of upstream's decoder; undefined when it is. */
export function typeRefusal(
  type: ExpectedType,
  body: SaidType,
  isKnown: (apiVersion: string, kind: string) => boolean,
): string | undefined {
  const { kind, group } = type.definition;
  const [said, saidKind] = saidType(type, body);
  if (saidKind === kind && said === type.apiVersion) return undefined;
  if (!isKnown(said, saidKind)) {
    const known = `no kind ${JSON.stringify(saidKind)} is registered for version ${JSON.stringify(said)}`;
    return `${known} in scheme ${JSON.stringify(SCHEME)}`;
  }
  if (saidKind === kind) {
    return `the API version in the data (${said}) does not match the expected API version (${type.apiVersion})`;
  }
  const from = `${said.slice(said.indexOf('/') + 1)}.${saidKind}`;
  return `converting (${from}) to (${internalPackage(group)}.${kind}): unknown conversion`;
}

/** The Go package in which upstream keeps the internal types of a group, which its messages name. */
export function internalPackage(group: string): string {
  // An Event is the core group's own, whichever group it is asked for in.
  if (group === '' || group === 'events.k8s.io') return 'core';
  return group.split('.')[0] ?? group;
}

/** 400: the new state of the object of that name has no name. */
export function newUnnamed(name: string): StatusError {
  return newBadRequest(
    `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
  );
}

/** Fills in the namespace of the request, clears that of a cluster-scoped object, refuses another one. */
export function settleNamespace(
  served: { readonly definition: { readonly namespaced: boolean } },
  object: ApiObject,
  namespace: string | undefined,
): void {
  const metadata = metadataOf(object);
  if (!served.definition.namespaced) {
    delete metadata.namespace;
    return;
  }
  if (metadata.namespace === undefined || metadata.namespace === '') metadata.namespace = namespace ?? '';
  else if (metadata.namespace !== namespace) {
    throw newBadRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
}

/** Sets what only the server decides on a new object: uid and creation time; clears what a new object cannot have. */
export function stampNew(object: ApiObject, uid: string, now: number): void {
  const { metadata } = object;
  metadata.uid = uid;
  metadata.creationTimestamp = rfc3339(now);
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.selfLink;
  metadata.resourceVersion = '';
}

/**
 * Restores what no update may change, where upstream restores silently instead of refusing. What is never stored goes, but from the
 * answer to a trial run: upstream's store takes it out.
 */
export function carryOver(object: ApiObject, old: DeepReadonly<ApiObject>, dryRun: boolean): void {
  const { metadata } = object;
  const before = old.metadata;
  if (!metadata.uid) metadata.uid = before.uid;
  if (before.creationTimestamp) metadata.creationTimestamp = before.creationTimestamp;
  if (before.deletionTimestamp !== undefined) metadata.deletionTimestamp = before.deletionTimestamp;
  if (before.deletionGracePeriodSeconds !== undefined && metadata.deletionGracePeriodSeconds === undefined) {
    metadata.deletionGracePeriodSeconds = before.deletionGracePeriodSeconds;
  }
  if (!dryRun) delete metadata.selfLink;
}

/** What is wrong with the metadata of a new object, by the rules that hold for every kind. */
export function anyMetadataErrors(served: ServedResource, { metadata }: ApiObject): readonly FieldError[] {
  return validateObjectMeta(metadata, served.definition.namespaced, pathSegment);
}

/** What is wrong with the metadata of a new object, by the rules of its kind. */
export function newMetadataErrors(served: ServedResource, { metadata }: ApiObject): readonly FieldError[] {
  const { strategy, namespaced } = served.definition;
  const rule: NameRule | undefined = strategy.validateName?.bind(strategy);
  return [...validateObjectMeta(metadata, namespaced, rule), ...domainErrors(served, metadata)];
}

/** Names are checked at creation; afterwards only what would break a path. */
const pathSegment: NameRule = (name, prefix) =>
  prefix && (name === '.' || name === '..') ? [] : validatePathSegmentName(name);

/** What is wrong with the metadata of a changed object. */
export interface ChangedMetadataErrors {
  /** By the rules that hold for every kind. */
  readonly server: readonly FieldError[];
  /** By the kind's own, which upstream asks besides; its answers list twice what both find. */
  readonly kind: MetadataErrors;
}

/** Holds the metadata of a changed object against the rules for all kinds and against those of its own. */
export function changedMetadataErrors(
  served: ServedResource,
  { metadata }: ApiObject,
  old: DeepReadonly<ApiObject>,
): ChangedMetadataErrors {
  const { namespaced, strategy } = served.definition;
  const objectBy = (rule: NameRule | undefined): readonly FieldError[] =>
    validateObjectMeta(metadata, namespaced, rule, 'metadata', old.metadata);
  const object = objectBy(pathSegment);
  const change = validateObjectMetaUpdate(metadata, old.metadata);
  const undomained = domainErrors(served, metadata);
  // The kind's rule for names can find more only in a generateName that this update sets.
  const renamed = metadata.generateName !== old.metadata.generateName;
  const own = renamed || object.length > 0 ? objectBy(strategy.validateName?.bind(strategy)) : NOTHING;
  return {
    server: [...object, ...change],
    kind: { object: [...own, ...undomained], change: [...change, ...undomained] },
  };
}

function domainErrors(
  { definition }: ServedResource,
  { finalizers }: DeepReadonly<ApiObject['metadata']>,
): readonly FieldError[] {
  return definition.strategy.undomainedFinalizers ? NOTHING : validateFinalizerDomains(finalizers);
}

const NOTHING: readonly FieldError[] = [];

/** A name that no path could hold; whoever left it out has been told already. */
export function pathSegmentErrors({
  name = '',
  generateName = '',
}: Partial<ObjectMeta>): readonly FieldError[] {
  return [
    ...validatePathSegmentName(generateName, true).map((why) =>
      invalid('metadata.generateName', generateName, why),
    ),
    ...validatePathSegmentName(name).map((why) => invalid('metadata.name', name, why)),
  ];
}
