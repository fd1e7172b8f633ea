import type { ApiObject, DeepReadonly } from '../apimachinery/meta/object.ts';
import type { Circumstances } from './circumstances.ts';
import type { Workings } from './workings.ts';

/** Runs every plugin that looks at this request, in order; the first that throws ends the request. */
export async function admit(
  workings: Workings,
  object: ApiObject | undefined,
  old: DeepReadonly<ApiObject> | undefined,
  context: Circumstances,
): Promise<void> {
  for (const plugin of workings.admission) {
    if (!plugin.handles(context.request)) continue;
    const outcome = plugin.admit(object, old, context, workings.backend);
    if (outcome !== undefined) await outcome;
  }
}
