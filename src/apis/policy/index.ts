/**
 * The policy group: disruption budgets and evictions.
 *
 * Holds types and rules. Who keeps a budget's status is a controller's business, who obeys it that of the eviction
 * subresource in `registry`.
 */
export { validateDisruptionBudget, validateDisruptionBudgetStatus } from './disruption-budget.ts';
export type * from './types.ts';
