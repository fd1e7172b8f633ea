import { rfc3339 } from '../../apimachinery/clock.ts';
import { InvariantError } from '../../apimachinery/invariant.ts';
import { freezeDeep, type JsonObject } from '../../apimachinery/json.ts';
import type { FieldEndpoint } from '../../apimachinery/managed-fields/index.ts';
import { trackChange } from '../../apimachinery/managed-fields/index.ts';
import { type ApiObject, apiVersionOf, type DeepReadonly } from '../../apimachinery/meta/object.ts';
import { inWireOrder, type KindSchema } from '../../apimachinery/schema/index.ts';
import type { Circumstances } from '../circumstances.ts';
import { FIELD_MANAGER_BYTES_MAX, type WriteOptions } from '../options/write-options.ts';
import type { ServedResource } from '../served-resource.ts';

/** The endpoint of a request as ownership of fields sees it. */
export function endpointOf(served: ServedResource, schema: KindSchema, subresource = ''): FieldEndpoint {
  const { kind, subresources, strategy } = served.definition;
  const part = subresources?.[subresource];
  const rules = subresource === '' ? strategy : part?.kind === 'part' ? part : undefined;
  // The object itself cannot write the status where that has an endpoint of its own, and the other way round.
  const usual =
    subresource === 'status' ? [['spec']] : subresources?.['status'] === undefined ? [] : [['status']];
  return {
    schema,
    apiVersion: served.apiVersion,
    apiVersions: served.apiVersions,
    kind,
    subresource,
    resetFields: rules?.resetFields ?? usual,
    blank: blankOf(schema),
  };
}

const blanks = new WeakMap<KindSchema, JsonObject>();

function blankOf(schema: KindSchema): JsonObject {
  let blank = blanks.get(schema);
  if (blank === undefined) {
    blank = freezeDeep(schema.decode({}).object as JsonObject);
    blanks.set(schema, blank);
  }
  return blank;
}

/** Who is held to set the fields of a request: the manager it names, else its program by its User-Agent. */
function managerOf({ fieldManager }: WriteOptions, { userAgent = '', program: ours }: Circumstances): string {
  if (fieldManager !== '') return fieldManager;
  if (ours !== '') return ours;
  const program = (userAgent.split('/')[0] ?? '').replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, '');
  let manager = '';
  for (const letter of program) {
    if (Buffer.byteLength(manager) + Buffer.byteLength(letter) > FIELD_MANAGER_BYTES_MAX) break;
    manager += letter;
  }
  return manager;
}

/**
 * Settles `metadata.managedFields` of the new state of an object after a write that is no apply. Components of this process
 * that name no manager are not tracked where nobody was before: nobody applies to what they make, and it would cost them.
 */
export function trackFields(
  served: ServedResource,
  schema: KindSchema | undefined,
  object: ApiObject,
  old: DeepReadonly<ApiObject> | undefined,
  options: WriteOptions,
  context: Circumstances,
): void {
  const { metadata } = object;
  const anonymous = options.fieldManager === '' && context.userAgent === undefined;
  const untracked = old === undefined ? anonymous : old.metadata.managedFields === undefined;
  if (schema === undefined || (untracked && (old === undefined || metadata.managedFields === undefined))) {
    delete metadata.managedFields;
    return;
  }
  const entries = ownersAfter(old, object, endpointOf(served, schema, context.request.subresource), {
    manager: managerOf(options, context),
    time: rfc3339(context.now),
  });
  if (entries === undefined || entries.length === 0) delete metadata.managedFields;
  else metadata.managedFields = entries;
}

/** Members of metadata that only a server gives; of a new object they are left out (upstream: WipeObjectMetaSystemFields). */
const SYSTEM_FIELDS = [
  'creationTimestamp',
  'uid',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
] as const;

/**
 * The body of something that is answered by code of its own, with `metadata.managedFields` as those of a new object: such
 * bodies are not stored, but Kubernetes answers them so. Bodies of this process's own components stay as they are.
 */
export function trackedBody(
  type: { readonly group: string; readonly version: string; readonly kind: string },
  schema: KindSchema | undefined,
  body: object,
  options: WriteOptions,
  context: Circumstances,
): object {
  if (schema === undefined || context.userAgent === undefined) return body;
  const endpoint: FieldEndpoint = {
    schema,
    apiVersion: apiVersionOf(type.group, type.version),
    kind: type.kind,
    subresource: context.request.subresource ?? '',
    blank: blankOf(schema),
  };
  const writer = { manager: managerOf(options, context), time: rfc3339(context.now) };
  const { metadata } = body as Partial<ApiObject>;
  const wiped = { ...metadata };
  for (const field of SYSTEM_FIELDS) delete wiped[field];
  const { managedFields: _, ...rest } = inWireOrder(schema.property('metadata'), wiped) as typeof wiped;
  const entries = ownersAfter(undefined, { ...body, metadata: wiped }, endpoint, writer) ?? [];
  return { ...body, metadata: entries.length === 0 ? rest : { ...rest, managedFields: entries } };
}

/** As upstream, an object whose lists have no proper keys is not refused for it: it is not tracked. */
function ownersAfter(...change: Parameters<typeof trackChange>): ReturnType<typeof trackChange> {
  try {
    return trackChange(...change);
  } catch (error) {
    if (error instanceof InvariantError) throw error;
    return undefined;
  }
}
