/**
 * What validation tolerates. On an update a rule that the stored object already broke (it was written before the rule
 * came) is not held against the new one.
 */

/** Tolerances of the rules for pods; all are off on create. */
export interface PodValidationOptions {
  /** The spec is a pod's own, not part of a template. */
  readonly isPod: boolean;
  readonly anyDeletionCost: boolean;
  readonly anyLabelValueInAffinitySelector: boolean;
  readonly anyLabelValueInNodeAffinity: boolean;
  readonly indivisibleHugePages: boolean;
  readonly anySpreadSelector: boolean;
  readonly legacySpreadMatchLabelKeys: boolean;
  readonly anyTokenPath: boolean;
  readonly hostNamespacedSysctls: boolean;
  readonly numericTolerations: boolean;
  readonly userNamespaceWithHostNetwork: boolean;
  readonly userNamespaceWithDevices: boolean;
  readonly restartContainerOnInitResize: boolean;
}

/** Nothing is tolerated: a pod template that is created. */
export const STRICT_TEMPLATE: PodValidationOptions = {
  isPod: false,
  anyDeletionCost: false,
  anyLabelValueInAffinitySelector: false,
  anyLabelValueInNodeAffinity: false,
  indivisibleHugePages: false,
  anySpreadSelector: false,
  legacySpreadMatchLabelKeys: false,
  anyTokenPath: false,
  hostNamespacedSysctls: false,
  numericTolerations: false,
  userNamespaceWithHostNetwork: false,
  userNamespaceWithDevices: false,
  restartContainerOnInitResize: false,
};
/** Nothing is tolerated: a pod that is created. */
export const STRICT_POD: PodValidationOptions = { ...STRICT_TEMPLATE, isPod: true };
