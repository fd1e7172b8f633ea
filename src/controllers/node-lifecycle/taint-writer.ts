import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isConflict, isNotFound } from '../../apimachinery/status-error.ts';
import type { Node, Taint } from '../../apis/core/types.ts';
import { type Client, NODES } from '../../client/index.ts';

/** Times that a change of taints is computed anew because somebody else changed the node in between. */
const CONFLICTS_MAX = 10;

/**
 * Changes a node's taints by what `change` makes of the node (undefined: leave them). Looks at the node as given first, and
 * at the server's when that is behind. Does nothing for a node that is gone. Throws what the server answers otherwise.
 */
export async function changeTaints(
  client: Client,
  node: DeepReadonly<Node>,
  change: (node: DeepReadonly<Node>) => Taint[] | undefined,
): Promise<void> {
  const { name, uid } = node.metadata;
  let known = node;
  for (let conflicts = 0; ; conflicts++) {
    const taints = change(known);
    if (taints === undefined) return;
    const { resourceVersion } = known.metadata;
    // A merge patch replaces the whole list; null takes it away.
    const spec = { taints: taints.length === 0 ? null : taints };
    const patch = { metadata: { uid, resourceVersion }, spec };
    try {
      await client.patch(NODES, '', name, 'application/merge-patch+json', patch);
      return;
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isConflict(error) || conflicts >= CONFLICTS_MAX) throw error;
      const fresh = await client.get(NODES, '', name);
      if (fresh.metadata.uid !== uid) return;
      known = fresh;
    }
  }
}
