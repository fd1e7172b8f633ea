import { deepEqualJson, isJsonObject, type JsonObject } from '../json.ts';
import type { ManagedFieldsEntry } from '../meta/types.ts';
import { DecodeError } from '../schema/index.ts';
import { newBadRequest, StatusError } from '../status-error.ts';
import { compareObjects, ignoring } from './comparison.ts';
import { configurationErrors } from './configuration-check.ts';
import type { FieldEndpoint } from './endpoint.ts';
import { FieldSet } from './field-set.ts';
import { conflictsAllowed, lastAppliedOf, withLastApplied } from './last-applied.ts';
import {
  decodeOwners,
  encodeOwners,
  type Manager,
  managerId,
  type Owners,
  type Ownership,
} from './managers.ts';
import { mergeConfiguration } from './merged-object.ts';
import { fieldsSetBy } from './owned-fields.ts';
import { withoutFields } from './removal.ts';
import { ownable, takenFromOthers } from './take-over.ts';
import { changedOwners, entriesOf, type Owned, type Writer, withoutEntries } from './track-change.ts';

/** Owns what an object had before it was first applied to, when nobody was tracked. */
const BEFORE_FIRST_APPLY = 'before-first-apply';
/** The one manager for which client-side apply is carried over to server-side apply. */
const KUBECTL = 'kubectl';

/** An apply: by whom, and whether it takes what others own. */
export interface Applier extends Writer {
  readonly force: boolean;
}

/** What an apply makes of an object. */
export interface Applied {
  /** The new state, not yet decoded by the schema (which drops its nulls) nor defaulted. Shares parts with both inputs. */
  readonly object: JsonObject;
  /** Its `metadata.managedFields`, which `object` has too. */
  readonly managedFields: readonly ManagedFieldsEntry[];
}

/**
 * Server-side apply: lays a configuration over an object, takes out what the applier had set before and nobody else owns,
 * and settles who owns what. Throws as upstream does: 400 for a configuration that may not be applied, 500 for one that does
 * not fit the kind, 409 with a cause for each field that another manager owns unless `force`.
 *
 * @param live the stored object; undefined when there is none.
 */
export function applyConfiguration(
  live: Owned | undefined,
  configuration: unknown,
  endpoint: FieldEndpoint,
  applier: Applier,
): Applied {
  const config = checked(configuration, endpoint);
  const before = withoutEntries(live ?? {});
  let owners = ownersOf(live);
  if (owners.size === 0) {
    owners = changedOwners(owners, {}, before, endpoint, { ...applier, manager: BEFORE_FIRST_APPLY });
  }
  let applied: Outcome;
  try {
    applied = apply(before, config, owners, endpoint, applier, applier.force);
  } catch (error) {
    if (applier.manager !== KUBECTL || !conflictsAllowed(error, before, endpoint)) throw error;
    applied = apply(before, config, owners, endpoint, applier, true);
  }
  const { object } = applied;
  assertConvertible(configuration, endpoint);
  const synced =
    applier.manager === KUBECTL && lastAppliedOf(object) !== undefined
      ? withLastApplied(object, config)
      : object;
  return withEntries(synced, applied.owners);
}

interface Outcome {
  readonly object: JsonObject;
  readonly owners: Owners;
}

function apply(
  live: JsonObject,
  config: JsonObject,
  owners: Owners,
  endpoint: FieldEndpoint,
  applier: Applier,
  force: boolean,
): Outcome {
  const { schema } = endpoint;
  const manager: Manager = {
    manager: applier.manager === '' ? 'unknown' : applier.manager,
    operation: 'Apply',
    apiVersion: endpoint.apiVersion,
    subresource: endpoint.subresource ?? '',
  };
  const self = managerId(manager);
  const reset = FieldSet.of(...(endpoint.resetFields ?? []));
  const fields = fieldsSetBy(config, schema).recursiveDifference(reset);
  const previous = owners.get(self);
  const withMine = new Map<string, Ownership>(owners).set(self, { manager, fields, time: previous?.time });
  const merged = mergeConfiguration(live, config, schema);
  const object = pruned(merged, previous?.fields, withMine, endpoint) as JsonObject;
  const change = ignoring(compareObjects(live, object, schema), reset);
  const result = new Map(takenFromOthers(withMine, self, change, force, endpoint.apiVersions));
  const mine = ownable(fields);
  // An apply that changes nothing leaves its time as it was: none, when it is the applier's first.
  const time = deepEqualJson(live, object) ? previous?.time : applier.time;
  if (mine.isEmpty()) result.delete(self);
  else result.set(self, { manager, fields: mine, time });
  return { object, owners: result };
}

/** Takes out what the applier set last time and nobody, itself included, owns now. */
function pruned(
  merged: unknown,
  last: FieldSet | undefined,
  owners: Owners,
  { schema }: FieldEndpoint,
): unknown {
  if (last === undefined || last.isEmpty()) return merged;
  const lastNamed = last.withNamedFields(schema);
  const owned = [...owners.values()].reduce((all, { fields }) => all.union(fields), new FieldSet());
  const mergedFields = fieldsSetBy(merged, schema).withNamedFields(schema);
  const first = withoutFields(merged, lastNamed, schema);
  const kept = fieldsSetBy(first, schema).withNamedFields(schema).union(owned.withNamedFields(schema));
  const second = withoutFields(merged, mergedFields.difference(kept), schema);
  // What the first step took away below an item without having been the applier's goes back.
  const left = fieldsSetBy(second, schema).withNamedFields(schema);
  return withoutFields(merged, mergedFields.difference(left).intersection(lastNamed), schema);
}

function checked(sent: unknown, { schema, apiVersion, kind }: FieldEndpoint): JsonObject {
  // Go leaves the empty map that it decodes into as it is where the body is null, or nothing at all.
  const configuration = sent ?? {};
  if (!isJsonObject(configuration)) {
    const what = Array.isArray(configuration) ? 'array' : typeof configuration;
    throw newBadRequest(
      `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${what} into Go value of type map[string]interface {}`,
    );
  }
  const named = { apiVersion: text(configuration['apiVersion']), kind: text(configuration['kind']) };
  if (named.apiVersion !== apiVersion || named.kind !== kind) {
    throw newBadRequest(`invalid object type: ${gvkText(named.apiVersion, named.kind)}`);
  }
  if (areEntries(configuration, schema)) {
    throw newBadRequest('metadata.managedFields must be nil');
  }
  const wrong = configurationErrors(configuration, schema);
  if (wrong !== undefined) {
    const { place, type } = configurationPlace(configuration);
    throw new StatusError(500, '', `failed to create typed patch object (${place}; ${type}): ${wrong}`);
  }
  return withoutEntries(configuration);
}

/** Whether a configuration has managedFields that can be read; upstream takes any others for none. */
function areEntries({ metadata }: JsonObject, schema: FieldEndpoint['schema']): boolean {
  const entries = isJsonObject(metadata) ? metadata['managedFields'] : undefined;
  if (!Array.isArray(entries) || !entries.every(isJsonObject)) return false;
  return entriesComplaint(entries, schema) === undefined;
}

/** What the decoder has against managedFields. */
function entriesComplaint(managedFields: unknown, schema: FieldEndpoint['schema']): DecodeError | undefined {
  try {
    schema.decode({ metadata: { managedFields } }, { converts: true });
    return undefined;
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
}

/** Upstream still has such managedFields in what it makes of the configuration, and finds out when it converts that. */
function assertConvertible(configuration: unknown, { schema }: FieldEndpoint): void {
  const { metadata } = (configuration ?? {}) as JsonObject;
  const complaint = isJsonObject(metadata) ? entriesComplaint(metadata['managedFields'], schema) : undefined;
  if (complaint !== undefined) throw newUnconverted(configuration as JsonObject, complaint);
}

/** The refusal of a configuration whose outcome is no object of its kind. */
export function newUnconverted(configuration: object, { message }: DecodeError): StatusError {
  const { place, type } = configurationPlace(configuration);
  return new StatusError(
    500,
    '',
    `failed to convert new object (${place}; ${type}) to proper version: unable to convert unstructured object to ${type}: ${message}`,
  );
}

/** What upstream's complaints about a configuration call it: its place, `namespace/name`, and its type. */
function configurationPlace(configuration: object): { readonly place: string; readonly type: string } {
  const { apiVersion, kind, metadata } = configuration as JsonObject;
  const { namespace, name } = isJsonObject(metadata) ? metadata : {};
  return { place: `${text(namespace)}/${text(name)}`, type: gvkText(text(apiVersion), text(kind)) };
}

function gvkText(apiVersion: string, kind: string): string {
  return `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function ownersOf(live: Owned | undefined): Owners {
  try {
    return decodeOwners(entriesOf(live));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new StatusError(500, '', `failed to decode managed fields: ${error.message}`);
  }
}

function withEntries(object: JsonObject, owners: Owners): Applied {
  const managedFields = encodeOwners(owners) ?? [];
  const metadata = isJsonObject(object['metadata']) ? object['metadata'] : {};
  return {
    object: { ...object, metadata: managedFields.length === 0 ? metadata : { ...metadata, managedFields } },
    managedFields,
  };
}
