import { validatePathSegmentName } from '../../apimachinery/validation/index.ts';
import { sameMeaning } from '../../apis/core/index.ts';
import {
  type PodDisruptionBudget,
  type PodDisruptionBudgetSpec,
  type PodDisruptionBudgetStatus,
  validateDisruptionBudget,
  validateDisruptionBudgetStatus,
} from '../../apis/policy/index.ts';
import type { PartSubresource, ResourceDefinition } from '../../apiserver/resource.ts';
import { ageColumn, nameColumn, text } from '../table/index.ts';

/** A status before the controller's first look: Kubernetes shows these counts even when they are zero. */
function emptyStatus(): PodDisruptionBudgetStatus {
  return { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
}

const status: PartSubresource<PodDisruptionBudget> = {
  kind: 'part',
  verbs: ['get', 'update', 'patch'],
  prepareForUpdate(budget, old) {
    // The stored spec is shared, not copied: nothing changes it from here on.
    budget.spec = old.spec as PodDisruptionBudgetSpec;
  },
  validateUpdate: (budget) => validateDisruptionBudgetStatus(budget.status),
};

/** `poddisruptionbudgets` of policy/v1. */
export const disruptionBudgets: ResourceDefinition<PodDisruptionBudget> = {
  group: 'policy',
  version: 'v1',
  resource: 'poddisruptionbudgets',
  singular: 'poddisruptionbudget',
  kind: 'PodDisruptionBudget',
  namespaced: true,
  shortNames: ['pdb'],
  schema: 'io.k8s.api.policy.v1.PodDisruptionBudget',
  strategy: {
    validateName: validatePathSegmentName,
    undomainedFinalizers: true,
    metadataLast: true,
    applyDefaults(budget) {
      budget.spec ??= {};
      budget.status = { ...emptyStatus(), ...budget.status };
    },
    prepareForCreate(budget) {
      budget.status = emptyStatus();
      budget.metadata.generation = 1;
    },
    validateCreate: (budget) => validateDisruptionBudget(budget),
    prepareForUpdate(budget, old) {
      budget.status = old.status as PodDisruptionBudgetStatus;
      if (!sameMeaning(budget.spec, old.spec))
        budget.metadata.generation = Number(old.metadata.generation ?? 0) + 1;
    },
    validateUpdate: (budget) => validateDisruptionBudget(budget),
    allowUnconditionalUpdate: false,
  },
  subresources: { status },
  columns: [
    nameColumn,
    text('Min Available', 'Pods that must stay available.', ({ spec }) => String(spec.minAvailable ?? 'N/A')),
    text('Max Unavailable', 'Pods that may be unavailable.', ({ spec }) =>
      String(spec.maxUnavailable ?? 'N/A'),
    ),
    {
      name: 'Allowed Disruptions',
      type: 'integer',
      description: 'How many pods may be disrupted now.',
      priority: 0,
      cell: (budget) => budget.status?.disruptionsAllowed ?? 0,
    },
    ageColumn,
  ],
};
