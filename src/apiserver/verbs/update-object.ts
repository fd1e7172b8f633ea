/** How an object comes from its old state to its new one: what PUT, PATCH and code of the server have in common. */
import { invalid } from '../../apimachinery/field-error.ts';
import { deepEqualJson } from '../../apimachinery/json.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import {
  newConflict,
  newInvalid,
  newNotFound,
  STALE_OBJECT,
  StatusError,
} from '../../apimachinery/status-error.ts';
import type { StoredObject } from '../../storage/storage.ts';
import type { Circumstances } from '../circumstances.ts';
import type { WriteOptions } from '../options/write-options.ts';
import type { PartSubresource, UpdateRules } from '../resource.ts';
import { keyOf, present, type ServedResource, storable } from '../served-resource.ts';
import type { Workings } from '../workings.ts';
import { admit } from '../writes/admission.ts';
import { trackFields } from '../writes/field-ownership.ts';
import { carryOver, changedMetadataErrors } from '../writes/object-meta.ts';
import { dropDoubleOwners } from '../writes/owner-references.ts';
import { createObject } from './create.ts';
import { storageCode } from './storage-answers.ts';

/** How an update came out: `created` when there was nothing before. */
export interface Updated {
  readonly object: DeepReadonly<ApiObject>;
  readonly created: boolean;
}

/**
 * Makes the new state out of the old one (undefined: there is none). Called again when another write came between, unless the
 * state it makes names a resourceVersion. What it answers is the caller's own to change.
 */
export type Produce = (old: DeepReadonly<ApiObject> | undefined) => ApiObject;

/** What else an update is to know. */
export interface UpdateManner {
  /** Whether an object that is not there is created. */
  readonly mayCreate: boolean;
  /** Whether the new state is derived from the old one, so that its resourceVersion is no wish of the client's, nor its uid. */
  readonly derived: boolean;
  /** Whether the new state comes with its managedFields settled, as that of an apply does. */
  readonly tracked?: boolean;
}

/**
 * Reads, makes the new state, prepares, admits, validates and stores it; does so again when another write came between
 * and the new state does not insist on a resourceVersion. A state equal to the old one is not written. An object under
 * deletion that has lost its last finalizer goes.
 */
export async function updateObject(
  workings: Workings,
  served: ServedResource,
  part: PartSubresource<ApiObject> | undefined,
  produce: Produce,
  options: WriteOptions,
  context: Circumstances,
  how: UpdateManner,
): Promise<Updated> {
  const { namespace, name = '' } = context.request;
  const key = keyOf(served, namespace, name);
  const change: Change = { workings, served, part, produce, options, context, how, key, name };
  for (;;) {
    const stored = await workings.storage.get(key);
    if (stored === undefined) return createMissing(change);
    const old = present(served, stored.object);
    const { object, conditional } = produceFrom(change, stored, old);
    await settle(change, object, old);
    try {
      return await store(change, object, old, stored.revision);
    } catch (error) {
      const code = storageCode(error);
      if (code !== 'revision-mismatch' && code !== 'key-missing') throw error;
      if (conditional && !how.derived) {
        const { group, resource } = served.definition;
        throw code === 'key-missing'
          ? newNotFound(group, resource, name)
          : newConflict(group, resource, name, STALE_OBJECT);
      }
    }
  }
}

/** One update on its way through the steps below. */
interface Change {
  readonly workings: Workings;
  readonly served: ServedResource;
  readonly part: PartSubresource<ApiObject> | undefined;
  readonly produce: Produce;
  readonly options: WriteOptions;
  readonly context: Circumstances;
  readonly how: UpdateManner;
  /** The object's key in the store. */
  readonly key: string;
  /** The object's name, as the request has it. */
  readonly name: string;
}

/** Creates the object where the update may; otherwise there is nothing to update. */
async function createMissing(change: Change): Promise<Updated> {
  const { workings, served, part, produce, options, context, how, key, name } = change;
  const { group, resource } = served.definition;
  if (!how.mayCreate || part !== undefined) {
    // A body that is none is refused whether or not the object exists; a patch is looked at only where it does.
    if (!how.derived) produce(undefined);
    throw newNotFound(group, resource, name);
  }
  const object = produce(undefined);
  if (object.metadata.uid) throw uidConflict(served, key, options, name, object.metadata.uid, '');
  object.metadata.resourceVersion = '';
  const created = await createObject(workings, served, object, options, context, how.tracked);
  return { object: created, created: true };
}

/**
 * The new state as it was asked for, refused if it was meant for another state than this one.
 *
 * @returns besides, whether it names a resourceVersion, so that it must not be made again for a later state.
 */
function produceFrom(
  { served, produce, options, context, how, key, name }: Change,
  stored: StoredObject,
  old: DeepReadonly<ApiObject>,
): { readonly object: ApiObject; readonly conditional: boolean } {
  const object = produce(old);
  if (!how.derived) dropDoubleOwners(object, context);
  const { metadata } = object;
  if (metadata.uid && metadata.uid !== old.metadata.uid && !how.derived) {
    throw uidConflict(served, key, options, name, metadata.uid, old.metadata.uid);
  }
  const conditional = checkResourceVersion(served, object, stored, name);
  metadata.resourceVersion = old.metadata.resourceVersion;
  return { object, conditional };
}

/** Defaults, admits and validates the new state in place, in upstream's order. */
async function settle(change: Change, object: ApiObject, old: DeepReadonly<ApiObject>): Promise<void> {
  const { workings, served, part, options, context, how } = change;
  const { strategy } = served.definition;
  const { metadata } = object;
  strategy.applyDefaults(object, old);
  if (old.metadata.generation === undefined) delete metadata.generation;
  else metadata.generation = old.metadata.generation;
  if (!how.tracked) {
    trackFields(served, workings.bodies.schemaOf(served), object, old, options, context);
  }
  const mutating = admit(workings, object, old, context);
  if (mutating !== undefined) await mutating;
  const rules: UpdateRules<ApiObject> = part ?? strategy;
  rules.prepareForUpdate(object, old, context);
  carryOver(object, old, options.dryRun);
  const allocating = admit(workings, object, old, context, 'allocating');
  if (allocating !== undefined) await allocating;
  if (how.derived) dropDoubleOwners(object, context, true);
  validate(served, rules, object, old, context);
  const validating = admit(workings, object, old, context, 'validating');
  if (validating !== undefined) await validating;
  workings.bodies.schemaOf(served)?.dropEmpties(object as never, old);
}

function validate(
  served: ServedResource,
  rules: UpdateRules<ApiObject>,
  object: ApiObject,
  old: DeepReadonly<ApiObject>,
  context: Circumstances,
): void {
  const { group, kind, storedAs } = served.definition;
  const metadataErrors = changedMetadataErrors(served, object, old);
  const errors = [
    ...metadataErrors.server,
    ...rules.validateUpdate(object, old, context, metadataErrors.kind),
  ];
  if (errors.length > 0) throw newInvalid(storedAs?.group ?? group, kind, object.metadata.name, errors);
  for (const text of rules.warningsOnUpdate?.(object, old, context) ?? []) context.warn(text);
}

/** Writes the new state over the old one, unless there is nothing to write. Rejects as the store does where that changed. */
async function store(
  { workings, served, options, context, key }: Change,
  object: ApiObject,
  old: DeepReadonly<ApiObject>,
  revision: number,
): Promise<Updated> {
  if (vanishes(served, object, old)) {
    if (!options.dryRun) await workings.storage.delete(key, revision);
    return { object, created: false };
  }
  if (deepEqualJson(object, old)) {
    context.storedAnswer = true;
    return { object: old, created: false };
  }
  if (options.dryRun) return { object, created: false };
  const written = await workings.storage.update(key, storable(served, object), revision);
  context.storedAnswer = true;
  return { object: present(served, written.object), created: false };
}

/** Refuses a stale resourceVersion; answers whether the new state names one at all. */
function checkResourceVersion(
  served: ServedResource,
  object: ApiObject,
  stored: StoredObject,
  name: string,
): boolean {
  const { group, resource, strategy } = served.definition;
  const asked = object.metadata.resourceVersion;
  if (asked === undefined || asked === '' || asked === '0') {
    if (strategy.allowUnconditionalUpdate ?? true) return false;
    throw newInvalid(group, resource, name, [
      invalid('metadata.resourceVersion', 0, 'must be specified for an update'),
    ]);
  }
  if (!/^\d+$/.test(asked)) {
    // Upstream reads it with Go's own parser and passes its complaint on as it is.
    throw new StatusError(500, '', `strconv.ParseUint: parsing ${JSON.stringify(asked)}: invalid syntax`);
  }
  if (Number(asked) !== stored.revision) throw newConflict(group, resource, name, STALE_OBJECT);
  return true;
}

/** Whether an update leaves nothing that keeps an object under deletion. */
function vanishes(served: ServedResource, object: ApiObject, old: DeepReadonly<ApiObject>): boolean {
  return (
    old.metadata.deletionTimestamp !== undefined &&
    (object.metadata.finalizers?.length ?? 0) === 0 &&
    (old.metadata.deletionGracePeriodSeconds ?? 0) === 0 &&
    (served.definition.strategy.mayVanish?.(object) ?? true)
  );
}

/** 409: the body is of another incarnation of that name. Worded as upstream's storage does. */
function uidConflict(
  served: ServedResource,
  key: string,
  { dryRun }: WriteOptions,
  name: string,
  asked: string,
  found: string,
): StatusError {
  const { group, resource, storagePrefix = resource } = served.definition;
  const below = key.replace(/^\/[^/]*\/[^/]*/, '');
  // A trial run does not come to where the store puts its own name before the key.
  const place = `${dryRun ? '' : '/registry'}/${storagePrefix}${below}`;
  return newConflict(
    group,
    resource,
    name,
    `StorageError: invalid object, Code: 4, Key: ${place}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${asked}, UID in object meta: ${found}`,
  );
}
