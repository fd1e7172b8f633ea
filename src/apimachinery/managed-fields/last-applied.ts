/**
 * Client-side apply leaves its configuration in an annotation. When `kubectl apply --server-side` takes over such an object,
 * what that configuration set and still stands is the user's own, and no conflict.
 */
import { parseExactJson } from '../exact-json.ts';
import { goJson } from '../go-text.ts';
import { isJsonObject, type JsonObject } from '../json.ts';
import { StatusError } from '../status-error.ts';
import { compareObjects } from './comparison.ts';
import type { FieldEndpoint } from './endpoint.ts';
import { fieldsSetBy } from './owned-fields.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The configuration in the annotation, as text. */
export function lastAppliedOf(object: JsonObject): string | undefined {
  const metadata = object['metadata'];
  const annotations = isJsonObject(metadata) ? metadata['annotations'] : undefined;
  const value = isJsonObject(annotations) ? annotations[LAST_APPLIED] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The object with a configuration as its annotation. */
export function withLastApplied(object: JsonObject, configuration: JsonObject): JsonObject {
  const metadata = object['metadata'] as JsonObject;
  const annotations = metadata['annotations'] as JsonObject;
  return {
    ...object,
    metadata: {
      ...metadata,
      annotations: {
        ...annotations,
        [LAST_APPLIED]: `${goJson(inOrder(withoutAnnotation(configuration)))}\n`,
      },
    },
  };
}

/** A value with the members of its objects in order: Go writes maps so. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isJsonObject(value)) return value;
  const members = Object.keys(value).sort();
  return Object.fromEntries(members.map((name) => [name, inOrder(value[name])]));
}

function withoutAnnotation(configuration: JsonObject): JsonObject {
  const metadata = configuration['metadata'];
  if (!isJsonObject(metadata) || !isJsonObject(metadata['annotations'])) return configuration;
  const { [LAST_APPLIED]: _, ...annotations } = metadata['annotations'];
  return { ...configuration, metadata: { ...metadata, annotations } };
}

/** Whether an error is a conflict over nothing but what client-side apply had set. */
export function conflictsAllowed(error: unknown, live: JsonObject, endpoint: FieldEndpoint): boolean {
  if (!(error instanceof StatusError) || error.reason !== 'Conflict') return false;
  const text = lastAppliedOf(live);
  const last = text === undefined ? undefined : parsed(text);
  if (last === undefined || last['apiVersion'] !== endpoint.apiVersion) return false;
  const { removed, modified, added } = compareObjects(last, live, endpoint.schema);
  const still = fieldsSetBy(last, endpoint.schema).difference(modified).difference(added).difference(removed);
  const allowed = new Set(still.paths());
  return (error.status.details?.causes ?? []).every(({ field }) => allowed.has(field ?? ''));
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = parseExactJson(text);
    return isJsonObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
