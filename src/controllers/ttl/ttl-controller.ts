import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isNotFound } from '../../apimachinery/status-error.ts';
import type { Node } from '../../apis/core/types.ts';
import {
  type Component,
  type ComponentContext,
  NODES,
  newController,
  newWorkqueue,
} from '../../client/index.ts';
import { secondsAt, stepFor } from './steps.ts';

const ANNOTATION = 'node.alpha.kubernetes.io/ttl';

/** The TTL controller as a component. */
export function newTtlController(context: ComponentContext): Component {
  const { client, clock, log, metrics } = context;
  const nodes = context.informer(NODES);
  const queue = newWorkqueue({ name: 'ttlcontroller', clock, metrics });
  let count = 0;
  let step = 0;
  const grows = (by: number): void => {
    count += by;
    step = stepFor(count, step);
  };
  // Nodes report of themselves every few seconds: whoever is to have another number gets it then.
  const changed = ({ metadata }: DeepReadonly<Node>): void => {
    if (metadata.annotations?.[ANNOTATION] !== String(secondsAt(step))) queue.add(metadata.name);
  };
  nodes.onChange({
    added: (node) => {
      grows(1);
      changed(node);
    },
    updated: changed,
    deleted: () => grows(-1),
  });
  const sync = async (name: string): Promise<undefined> => {
    const annotations = { [ANNOTATION]: String(secondsAt(step)) };
    if (nodes.lister.get('', name)?.metadata.annotations?.[ANNOTATION] === annotations[ANNOTATION]) return;
    try {
      await client.patch(NODES, '', name, 'application/merge-patch+json', { metadata: { annotations } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  };
  return newController({ name: 'ttl-controller', reconciler: { sync }, queue, log, informers: [nodes] });
}
