import { deepEqualJson } from '../../apimachinery/json.ts';
import type { ApiObject } from '../../apimachinery/meta/object.ts';
import type { RequestContext } from '../resource.ts';

/**
 * Takes out owner references that stand twice, and warns of them, as upstream does before and after mutating admission.
 *
 * @param admitted whether admission has been by, which the warning says.
 */
export function dropDoubleOwners(
  { metadata }: ApiObject,
  context: Pick<RequestContext, 'warn'>,
  admitted = false,
): void {
  const references = metadata?.ownerReferences;
  if (!Array.isArray(references) || references.length < 2) return;
  const kept: typeof references = [];
  const uids = new Set<unknown>();
  const twice: unknown[] = [];
  for (const reference of references) {
    // Only what has the uid of one before is compared with all of them.
    if (uids.has(reference.uid ?? '') && kept.some((each) => deepEqualJson(each, reference))) {
      twice.push(reference.uid ?? '');
      continue;
    }
    uids.add(reference.uid ?? '');
    kept.push(reference);
  }
  if (twice.length === 0) return;
  metadata.ownerReferences = kept;
  const when = admitted ? ' after mutating admission happens' : '';
  context.warn(
    `.metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${twice.join(', ')}`,
  );
}
