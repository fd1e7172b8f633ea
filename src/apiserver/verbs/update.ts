import type { ApiAnswer, ApiRequest } from '../../apimachinery/api-request.ts';
import { invalid } from '../../apimachinery/field-error.ts';
import { deepEqualJson } from '../../apimachinery/json.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import {
  newBadRequest,
  newConflict,
  newInvalid,
  newNotFound,
  STALE_OBJECT,
  StatusError,
} from '../../apimachinery/status-error.ts';
import type { StoredObject } from '../../storage/storage.ts';
import type { Circumstances } from '../circumstances.ts';
import { type WriteOptions, writeOptions } from '../options/write-options.ts';
import type { PartSubresource, UpdateRules } from '../resource.ts';
import { keyOf, present, type ServedResource, storable } from '../served-resource.ts';
import type { Workings } from '../workings.ts';
import { admit } from '../writes/admission.ts';
import { trackFields } from '../writes/field-ownership.ts';
import { carryOver, changedMetadataErrors, metadataOf, settleNamespace } from '../writes/object-meta.ts';
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

/** PUT to an object or to a part of it. */
export async function update(
  workings: Workings,
  served: ServedResource,
  context: Circumstances,
  part?: PartSubresource<ApiObject>,
): Promise<ApiAnswer> {
  const { request } = context;
  const options = writeOptions('UpdateOptions', request.parameters);
  context.requireBody();
  const read = (known: DeepReadonly<ApiObject> | undefined): ApiObject => {
    const made = workings.bodies.read(served, request.body, options, context, known);
    settleIdentity(served, made, request);
    return made;
  };
  const outcome = await updateObject(workings, served, part, read, options, context, {
    mayCreate: served.definition.strategy.allowCreateOnUpdate ?? false,
    derived: false,
  });
  return {
    kind: 'object',
    code: outcome.created ? 201 : 200,
    object: outcome.object,
    warnings: context.warnings,
  };
}

/** Holds the new state of an object against the URL it came to: name and namespace have to be those. */
export function settleIdentity(served: ServedResource, object: ApiObject, request: ApiRequest): void {
  const name = request.name ?? '';
  const metadata = metadataOf(object);
  settleNamespace(served, object, request.namespace);
  if (!metadata.name) {
    throw newBadRequest(
      `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
    );
  }
  if (metadata.name !== name) {
    throw newBadRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
    );
  }
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
  const { group, resource, kind, strategy } = served.definition;
  const { request } = context;
  const name = request.name ?? '';
  const rules: UpdateRules<ApiObject> = part ?? strategy;
  const key = keyOf(served, request.namespace, name);
  for (;;) {
    const stored = await workings.storage.get(key);
    if (stored === undefined) {
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
    const old = present(served, stored.object);
    const object = produce(old);
    if (!how.derived) dropDoubleOwners(object, context);
    const { metadata } = object;
    if (metadata.uid && metadata.uid !== old.metadata.uid && !how.derived) {
      throw uidConflict(served, key, options, name, metadata.uid, old.metadata.uid);
    }
    const conditional = checkResourceVersion(served, object, stored, name);
    metadata.resourceVersion = old.metadata.resourceVersion;
    strategy.applyDefaults(object, old);
    if (old.metadata.generation === undefined) delete metadata.generation;
    else metadata.generation = old.metadata.generation;
    if (!how.tracked) {
      trackFields(served, workings.bodies.schemaOf(served), object, old, options, context);
    }
    const mutating = admit(workings, object, old, context);
    if (mutating !== undefined) await mutating;
    rules.prepareForUpdate(object, old, context);
    carryOver(object, old);
    const allocating = admit(workings, object, old, context, 'allocating');
    if (allocating !== undefined) await allocating;
    if (how.derived) dropDoubleOwners(object, context, true);
    const metadataErrors = changedMetadataErrors(served, object, old);
    const errors = [
      ...metadataErrors.server,
      ...rules.validateUpdate(object, old, context, metadataErrors.kind),
    ];
    const checked = served.definition.storedAs?.group ?? group;
    if (errors.length > 0) throw newInvalid(checked, kind, metadata.name, errors);
    for (const text of rules.warningsOnUpdate?.(object, old, context) ?? []) context.warn(text);
    const validating = admit(workings, object, old, context, 'validating');
    if (validating !== undefined) await validating;
    workings.bodies.schemaOf(served)?.dropEmpties(object as never, old);
    try {
      if (vanishes(served, object, old)) {
        if (!options.dryRun) await workings.storage.delete(key, stored.revision);
        return { object, created: false };
      }
      if (deepEqualJson(object, old)) {
        context.storedAnswer = true;
        return { object: old, created: false };
      }
      if (options.dryRun) return { object, created: false };
      const written = await workings.storage.update(key, storable(served, object), stored.revision);
      context.storedAnswer = true;
      return { object: present(served, written.object), created: false };
    } catch (error) {
      const code = storageCode(error);
      if (code !== 'revision-mismatch' && code !== 'key-missing') throw error;
      if (conditional && !how.derived) {
        throw code === 'key-missing'
          ? newNotFound(group, resource, name)
          : newConflict(group, resource, name, STALE_OBJECT);
      }
    }
  }
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
