import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Circumstances } from '../circumstances.ts';
import type { AdmissionPhase } from '../resource.ts';
import type { Workings } from '../workings.ts';

/**
 * Runs every plugin of that phase that looks at this request, in order; the first that throws ends the request. Answers
 * undefined when none had to wait for something, as on most updates.
 */
export function admit(
  workings: Workings,
  object: ApiObject | undefined,
  old: DeepReadonly<ApiObject> | undefined,
  context: Circumstances,
  phase: AdmissionPhase = 'mutating',
  first = 0,
): Promise<void> | undefined {
  const { admission } = workings;
  for (let at = first; at < admission.length; at++) {
    const plugin = admission[at];
    if (plugin === undefined || (plugin.phase ?? 'mutating') !== phase) continue;
    if (!plugin.handles(context.request)) continue;
    const outcome = plugin.admit(object, old, context, workings.backend);
    if (outcome !== undefined) {
      return outcome.then(() => admit(workings, object, old, context, phase, at + 1));
    }
  }
  return undefined;
}
