import type { ApiAnswer } from '../../apimachinery/api-request.ts';
import type { FieldError } from '../../apimachinery/field-error.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { ObjectMeta } from '../../apimachinery/meta/types.ts';
import { randomSuffix } from '../../apimachinery/random.ts';
import {
  isAlreadyExists,
  newAlreadyExists,
  newGenerateNameConflict,
  newInvalid,
  StatusError,
} from '../../apimachinery/status-error.ts';
import type { Circumstances } from '../circumstances.ts';
import { type WriteOptions, writeOptions } from '../options/write-options.ts';
import { keyOf, present, type ServedResource, storable } from '../served-resource.ts';
import type { Workings } from '../workings.ts';
import { admit } from '../writes/admission.ts';
import { trackFields } from '../writes/field-ownership.ts';
import {
  anyMetadataErrors,
  metadataOf,
  newMetadataErrors,
  pathSegmentErrors,
  settleNamespace,
  stampNew,
} from '../writes/object-meta.ts';
import { dropDoubleOwners } from '../writes/owner-references.ts';
import { storageCode } from './storage-answers.ts';

/** How often a generated name is drawn before a clash is answered (upstream's RetryGenerateName). */
const GENERATED_NAME_ATTEMPTS = 8;
/** Seconds after which a client may try again for another generated name. */
const GENERATE_RETRY_SECONDS = 1;
/** Letters of generateName that are kept: 63 less the five of the suffix. */
const GENERATED_BASE_LETTERS_MAX = 58;

/** POST to a collection: answers 201 with the object as stored. */
export async function create(
  workings: Workings,
  served: ServedResource,
  context: Circumstances,
): Promise<ApiAnswer> {
  const { request } = context;
  const options = writeOptions('CreateOptions', request);
  context.requireBody();
  for (let attempt = 1; ; attempt++) {
    const object = workings.bodies.read(served, request.body, options, context);
    settleNamespace(served, object, request.namespace);
    const metadata = metadataOf(object);
    const generated = !metadata.name && metadata.generateName ? metadata.generateName : undefined;
    if (generated !== undefined) {
      metadata.name = generated.slice(0, GENERATED_BASE_LETTERS_MAX) + randomSuffix(workings.random);
    }
    try {
      const stored = await createObject(workings, served, object, options, context);
      return { kind: 'object', code: 201, object: stored, warnings: context.warnings };
    } catch (error) {
      if (generated === undefined || attempt === GENERATED_NAME_ATTEMPTS || !isAlreadyExists(error))
        throw error;
    }
  }
}

function newObjectErrors(
  served: ServedResource,
  object: ApiObject,
  context: Circumstances,
): readonly FieldError[] {
  const { strategy } = served.definition;
  if (!strategy.metadataLast) {
    const errors = [...newMetadataErrors(served, object), ...strategy.validateCreate(object, context)];
    return errors.length > 0 ? errors : pathSegmentErrors(object.metadata);
  }
  const errors = strategy.validateCreate(object, context);
  return errors.length > 0 ? errors : anyMetadataErrors(served, object);
}

/** 409; whoever left a part of the name to the server is told that it is to be blamed, and of an object about to go. */
function nameTaken(
  { definition }: ServedResource,
  { name = '', generateName }: Partial<ObjectMeta>,
  there: DeepReadonly<ApiObject> | undefined,
): StatusError {
  const { group, resource, storedAs } = definition;
  const error = generateName
    ? newGenerateNameConflict(storedAs?.group ?? group, resource, name, GENERATE_RETRY_SECONDS)
    : newAlreadyExists(group, resource, name);
  if (there?.metadata.deletionTimestamp === undefined) return error;
  const { code, reason = '', message, details } = error.status;
  return new StatusError(code, reason, `object is being deleted: ${message}`, details);
}

/**
 * Defaults, admits, validates and stores a new object whose type, namespace and name are settled.
 *
 * @param tracked whether its managedFields are settled too, as those of an apply are.
 */
export async function createObject(
  workings: Workings,
  served: ServedResource,
  object: ApiObject,
  options: WriteOptions,
  context: Circumstances,
  tracked = false,
): Promise<DeepReadonly<ApiObject>> {
  const { group, kind, strategy } = served.definition;
  const { metadata } = object;
  // It is the store that refuses this, and a trial run does not come to it.
  if (metadata.resourceVersion && !options.dryRun) {
    throw new StatusError(500, '', 'resourceVersion should not be set on objects to be created');
  }
  const { resourceVersion: sent } = metadata;
  stampNew(object, workings.random.uuid(), context.now);
  dropDoubleOwners(object, context);
  strategy.applyDefaults(object);
  if (!tracked) trackFields(served, workings.bodies.schemaOf(served), object, undefined, options, context);
  const mutating = admit(workings, object, undefined, context);
  if (mutating !== undefined) await mutating;
  const allocating = admit(workings, object, undefined, context, 'allocating');
  if (allocating !== undefined) await allocating;
  strategy.prepareForCreate(object, context);
  const errors = newObjectErrors(served, object, context);
  // A second representation is checked as what is stored, and named as that.
  const checked = served.definition.storedAs?.group ?? group;
  if (errors.length > 0) throw newInvalid(checked, kind, metadata.name ?? '', errors);
  for (const text of strategy.warningsOnCreate?.(object, context) ?? []) context.warn(text);
  const validating = admit(workings, object, undefined, context, 'validating');
  if (validating !== undefined) await validating;
  workings.bodies.schemaOf(served)?.dropEmpties(object as never);
  const key = keyOf(served, metadata.namespace, metadata.name);
  if (options.dryRun) {
    const there = await workings.storage.get(key);
    if (there !== undefined) throw nameTaken(served, metadata, there.object);
    // What is not stored has no version but the one that it came with.
    const { resourceVersion: _, ...rest } = metadata;
    return { ...object, metadata: sent ? { ...rest, resourceVersion: sent } : rest } as ApiObject;
  }
  try {
    const stored = await workings.storage.create(key, storable(served, object));
    context.storedAnswer = true;
    return present(served, stored.object);
  } catch (error) {
    if (storageCode(error) !== 'key-exists') throw error;
    throw nameTaken(served, metadata, (await workings.storage.get(key))?.object);
  }
}
