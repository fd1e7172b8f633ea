import type { ApiAnswer } from '../../apimachinery/api-request.ts';
import { deepEqualJson } from '../../apimachinery/json.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { DeleteOptions } from '../../apimachinery/meta/types.ts';
import { newNotFound } from '../../apimachinery/status-error.ts';
import type { Circumstances } from '../circumstances.ts';
import { deleteOptions, isDryRun } from '../options/delete-options.ts';
import { keyOf, present, type ServedResource, storable } from '../served-resource.ts';
import type { Workings } from '../workings.ts';
import { admit } from '../writes/admission.ts';
import { planDeletion } from '../writes/deletion.ts';
import { storageCode } from './storage-answers.ts';

/** DELETE of one object. */
export async function remove(
  workings: Workings,
  served: ServedResource,
  context: Circumstances,
): Promise<ApiAnswer> {
  const { request } = context;
  const { group, resource, strategy } = served.definition;
  context.requireBody();
  const options = deleteOptions(request.body, request);
  const name = request.name ?? '';
  for (const text of strategy.warningsOnDelete?.(options, context) ?? []) context.warn(text);
  const { object, gone } = await deleteObject(workings, served, request.namespace, name, options, context);
  const code = !gone && options.orphanDependents === false ? 202 : 200;
  if (!gone || strategy.returnsDeletedObject) {
    return { kind: 'object', code, object, warnings: context.warnings };
  }
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name, ...(group === '' ? {} : { group }), kind: resource, uid: object.metadata.uid },
  };
  return { kind: 'object', code, object: status, warnings: context.warnings };
}

/** How a deletion came out: the last state, and whether the object is gone. */
export interface Deleted {
  readonly object: DeepReadonly<ApiObject>;
  readonly gone: boolean;
}

/** Deletes or marks one object; starts over when another write comes between. */
export async function deleteObject(
  workings: Workings,
  served: ServedResource,
  namespace: string | undefined,
  name: string,
  options: DeleteOptions,
  context: Circumstances,
): Promise<Deleted> {
  const { group, resource, strategy } = served.definition;
  const key = keyOf(served, namespace, name);
  for (;;) {
    const stored = await workings.storage.get(key);
    if (stored === undefined) throw newNotFound(group, resource, name);
    const old = present(served, stored.object);
    strategy.checkDelete?.(old, context, options);
    await admit(workings, undefined, old, context);
    const plan = planDeletion(served, old, options, context);
    if (plan.action === 'none') return { object: old, gone: false };
    const gone = plan.action === 'remove';
    if (isDryRun(options)) return { object: plan.object ?? old, gone };
    try {
      if (plan.action === 'remove') {
        const last = await workings.storage.delete(key, stored.revision);
        const removed = present(served, last.object);
        if (plan.object === undefined) return { object: removed, gone };
        plan.object.metadata.resourceVersion = removed.metadata.resourceVersion;
        return { object: plan.object, gone };
      }
      if (deepEqualJson(plan.object, old)) return { object: old, gone };
      const written = await workings.storage.update(key, storable(served, plan.object), stored.revision);
      return { object: present(served, written.object), gone };
    } catch (error) {
      const code = storageCode(error);
      if (code === 'key-missing') throw newNotFound(group, resource, name);
      if (code !== 'revision-mismatch') throw error;
    }
  }
}
