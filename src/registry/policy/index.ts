/**
 * The policy group in the server: disruption budgets with their status, and the eviction of a pod, which obeys them.
 *
 * It keeps no budget's status up to date; a controller does.
 */
export { disruptionBudgets } from './disruption-budgets.ts';
export { eviction } from './eviction.ts';
