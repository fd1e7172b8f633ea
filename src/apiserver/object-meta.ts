import { rfc3339 } from '../apimachinery/clock.ts';
import { type FieldError, invalid } from '../apimachinery/field-error.ts';
import type { ApiObject, DeepReadonly } from '../apimachinery/meta/object.ts';
import { newBadRequest } from '../apimachinery/status-error.ts';
import {
  type NameRule,
  subdomainName,
  validateFinalizerDomains,
  validateObjectMeta,
  validateObjectMetaUpdate,
  validatePathSegmentName,
} from '../apimachinery/validation/index.ts';
import type { MetadataCheck } from './resource.ts';
import type { ServedResource } from './served-resource.ts';

/** A body's metadata as the server finds it: anything may be missing still. */
export function metadataOf(object: ApiObject): ApiObject['metadata'] {
  object.metadata ??= {} as ApiObject['metadata'];
  return object.metadata;
}

/** How upstream's messages name the table of types that it knows. */
const SCHEME = 'pkg/api/legacyscheme/scheme.go:30';

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
  const said = typeof body.apiVersion === 'string' && body.apiVersion !== '' ? body.apiVersion : apiVersion;
  return [said, kind];
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

/** Fills in the namespace of the request, clears that of a cluster-scoped object, refuses another one. */
export function settleNamespace(
  served: ServedResource,
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

/** Restores what no update may change, where upstream restores silently instead of refusing. */
export function carryOver(object: ApiObject, old: DeepReadonly<ApiObject>): void {
  const { metadata } = object;
  const before = old.metadata;
  if (!metadata.uid) metadata.uid = before.uid;
  if (before.creationTimestamp) metadata.creationTimestamp = before.creationTimestamp;
  if (before.deletionTimestamp !== undefined) metadata.deletionTimestamp = before.deletionTimestamp;
  if (before.deletionGracePeriodSeconds !== undefined && metadata.deletionGracePeriodSeconds === undefined) {
    metadata.deletionGracePeriodSeconds = before.deletionGracePeriodSeconds;
  }
  delete metadata.selfLink;
}

/** What is wrong with the metadata of a new object. */
export function newMetadataErrors(served: ServedResource, { metadata }: ApiObject): readonly FieldError[] {
  const { strategy, namespaced } = served.definition;
  const rule: NameRule | undefined = strategy.validateName?.bind(strategy);
  return [...validateObjectMeta(metadata, namespaced, rule), ...domainErrors(served, metadata)];
}

/** Names are checked at creation; afterwards only what would break a path. */
const pathSegment: NameRule = (name, prefix) =>
  prefix && (name === '.' || name === '..') ? [] : validatePathSegmentName(name);

/**
 * What is wrong with the metadata of a changed object. Upstream checks it for every kind and again in the kind's own
 * rules, and lists what it finds twice; so does this.
 */
export function changedMetadataErrors(
  served: ServedResource,
  { metadata }: ApiObject,
  old: DeepReadonly<ApiObject>,
  repeated: readonly MetadataCheck[] = ['change'],
): readonly FieldError[] {
  const object = validateObjectMeta(
    metadata,
    served.definition.namespaced,
    pathSegment,
    'metadata',
    old.metadata,
  );
  const change = validateObjectMetaUpdate(metadata, old.metadata);
  const undomained = [...prefixErrors(served, metadata, old.metadata), ...domainErrors(served, metadata)];
  if (object.length === 0 && change.length === 0 && undomained.length === 0) return NOTHING;
  const again = repeated.flatMap((check) => [...(check === 'object' ? object : change), ...undomained]);
  return [...object, ...change, ...again];
}

/** A generateName that an update sets is checked by the kind's own rules, though nothing is generated from it any more. */
function prefixErrors(
  { definition }: ServedResource,
  { generateName }: DeepReadonly<ApiObject['metadata']>,
  old: DeepReadonly<ApiObject['metadata']>,
): readonly FieldError[] {
  if (!generateName || generateName === old.generateName) return NOTHING;
  const { strategy } = definition;
  const rule: NameRule = (name, prefix) =>
    strategy.validateName?.(name, prefix) ?? subdomainName(name, prefix);
  return rule(generateName, true).map((wrong) => invalid('metadata.generateName', generateName, wrong));
}

function domainErrors(
  { definition }: ServedResource,
  { finalizers }: DeepReadonly<ApiObject['metadata']>,
): readonly FieldError[] {
  return definition.strategy.undomainedFinalizers ? NOTHING : validateFinalizerDomains(finalizers);
}

const NOTHING: readonly FieldError[] = [];
