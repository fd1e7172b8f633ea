/**
 * Keeps the status of disruption budgets: how many pods may be evicted now. Upstream: pkg/controller/disruption.
 *
 * What it guarantees: a budget that cannot be worked out allows nothing, and says why. A pod that was to be evicted and still
 * runs two minutes later loses its mark.
 *
 * What it does not do: it evicts nobody (the API server's eviction subresource asks the budget).
 */
export { newDisruptionController } from './disruption-controller.ts';
