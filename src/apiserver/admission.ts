import type { ApiObject, DeepReadonly } from '../apimachinery/meta/object.ts';
import type { Circumstances } from './circumstances.ts';
import type { Workings } from './workings.ts';

/** Runs every plugin of that phase that looks at this request, in order; the first that throws ends the request. */
export async function admit(
  workings: Workings,
  object: ApiObject | undefined,
  old: DeepReadonly<ApiObject> | undefined,
  context: Circumstances,
  phase: 'mutating' | 'validating' = 'mutating',
): Promise<void> {
  for (const plugin of workings.admission) {
    if ((plugin.phase ?? 'mutating') !== phase || !plugin.handles(context.request)) continue;
    const outcome = plugin.admit(object, old, context, workings.backend);
    if (outcome !== undefined) await outcome;
  }
}
