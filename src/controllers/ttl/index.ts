/**
 * Tells nodes, in an annotation, for how many seconds they may rely on what they know of Secrets and ConfigMaps: the longer, the more
 * nodes there are. Upstream: pkg/controller/ttl. Our own agents watch what their pods use and have no need of it.
 *
 * What it guarantees: every node has the annotation with the number for the cluster's size, and a size that goes up and down at a
 * boundary changes no nodes each time.
 */
export { newTtlController } from './ttl-controller.ts';
