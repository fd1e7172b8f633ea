/** Finds pods by the node that they are bound to, for whoever looks after a node's pods. */
import type { DeepReadonly } from '../apimachinery/meta/object.ts';
import type { Pod } from '../apis/core/types.ts';
import type { Informer } from './informer.ts';

/** Name of the index: `lister.byIndex(PODS_BY_NODE, nodeName)`. */
export const PODS_BY_NODE = 'spec.nodeName';

/** Adds that index to an informer of pods; many may ask for it. */
export function indexPodsByNode(informer: Informer<Pod>): void {
  informer.addIndex(PODS_BY_NODE, nodeOf);
}

function nodeOf({ spec }: DeepReadonly<Pod>): readonly string[] {
  return spec.nodeName ? [spec.nodeName] : [];
}
