/**
 * What validation tolerates. On an update a rule that the stored object already broke (it was written before the rule
 * came) is not held against the new one.
 */

/** Which rules for pods are not held against an object; all hold on create. Upstream: `PodValidationOptions`. */
export interface PodValidationOptions {
  /** The spec is a pod's own, not part of a template. */
  readonly isPod: boolean;
  /** The annotation `pod-deletion-cost` need be no 32-bit integer. */
  readonly anyDeletionCost: boolean;
  /** Selectors of pod affinity may have values that no label can have. */
  readonly anyLabelValueInAffinitySelector: boolean;
  /** Expressions of node affinity may, likewise. */
  readonly anyLabelValueInNodeAffinity: boolean;
  /** Amounts of huge pages need be no whole number of pages. */
  readonly indivisibleHugePages: boolean;
  /** Selectors of spread constraints need not be valid. */
  readonly anySpreadSelector: boolean;
  /** `matchLabelKeys` of spread constraints are not part of the selector yet. */
  readonly legacySpreadMatchLabelKeys: boolean;
  /** Projected tokens may have absolute paths, and paths with `..`. */
  readonly anyTokenPath: boolean;
  /** Sysctls of a namespace may be set in a pod that shares the host's. */
  readonly hostNamespacedSysctls: boolean;
  /** Tolerations may have the operators `Lt` and `Gt`. */
  readonly numericTolerations: boolean;
  /** A pod with users of its own may be on the host's network. */
  readonly userNamespaceWithHostNetwork: boolean;
  /** A pod with users of its own may have block devices. */
  readonly userNamespaceWithDevices: boolean;
  /** Init containers that are no sidecars may ask to be restarted when they are resized. */
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
