/**
 * `nodes` and `pods` of metrics.k8s.io/v1beta1: what nodes and pods use at this moment, for `kubectl top`. Nothing of it is stored: each
 * answer asks the nodes.
 */
export { type ConsumptionSource, metricsResources } from './metrics.ts';
