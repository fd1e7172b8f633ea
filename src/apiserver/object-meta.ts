import { rfc3339 } from '../apimachinery/clock.ts';
import { type FieldError, forbidden, invalid, required } from '../apimachinery/field-error.ts';
import type { ApiObject, DeepReadonly } from '../apimachinery/meta/object.ts';
import { newBadRequest } from '../apimachinery/status-error.ts';
import type { ServedResource } from './served-resource.ts';

/** A body's metadata as the server finds it: anything may be missing still. */
export function metadataOf(object: ApiObject): ApiObject['metadata'] {
  object.metadata ??= {} as ApiObject['metadata'];
  return object.metadata;
}

/** Gives a body the type of its endpoint, or refuses another one with the 400 that upstream's decoder answers. */
export function settleType(served: ServedResource, object: ApiObject): void {
  const { kind } = served.definition;
  if (object.kind === undefined || object.kind === '') object.kind = kind;
  if (object.apiVersion === undefined || object.apiVersion === '') object.apiVersion = served.apiVersion;
  if (object.apiVersion !== served.apiVersion) {
    throw newBadRequest(
      `the API version in the data (${object.apiVersion}) does not match the expected API version (${served.apiVersion})`,
    );
  }
  if (object.kind !== kind) {
    const { group, version } = served.definition;
    const internal = group === '' ? 'core' : (group.split('.')[0] ?? group);
    throw newBadRequest(
      `${object.kind} in version "${version}" cannot be handled as a ${kind}: converting (${version}.${object.kind}) to (${internal}.${kind}): unknown conversion`,
    );
  }
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

/** What is wrong with the metadata of a new object or of the new state of one. */
export function metadataErrors(served: ServedResource, object: ApiObject): readonly FieldError[] {
  const { strategy, namespaced } = served.definition;
  const { metadata } = object;
  const errors: FieldError[] = [];
  const nameErrors = strategy.validateName ?? dns1123Subdomain;
  if (metadata.generateName) {
    for (const detail of nameErrors.call(strategy, metadata.generateName, true)) {
      errors.push(invalid('metadata.generateName', metadata.generateName, detail));
    }
  }
  if (!metadata.name) errors.push(required('metadata.name', 'name or generateName is required'));
  else {
    for (const detail of nameErrors.call(strategy, metadata.name, false)) {
      errors.push(invalid('metadata.name', metadata.name, detail));
    }
  }
  if (namespaced && !metadata.namespace) errors.push(required('metadata.namespace', ''));
  else if (!namespaced && metadata.namespace) {
    errors.push(forbidden('metadata.namespace', 'not allowed on this type'));
  }
  return errors;
}

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function dns1123Subdomain(name: string, prefix: boolean): readonly string[] {
  const text = prefix && name.endsWith('-') ? `${name.slice(0, -1)}a` : name;
  const errors: string[] = [];
  if (text.length > 253) errors.push('must be no more than 253 bytes');
  if (!SUBDOMAIN.test(text)) {
    errors.push(
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    );
  }
  return errors;
}

/** What an update changed in the metadata that it may not. */
export function immutableMetadataErrors(
  object: ApiObject,
  old: DeepReadonly<ApiObject>,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const field of [
    'name',
    'namespace',
    'uid',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
  ] as const) {
    if (object.metadata[field] !== old.metadata[field]) {
      errors.push(invalid(`metadata.${field}`, object.metadata[field], 'field is immutable'));
    }
  }
  return errors;
}
