/**
 * The core group, v1: pods and what is around them.
 *
 * Defaults change in place and are idempotent. Rules answer a list of field errors with the paths and words of Kubernetes
 * 1.36; they expect defaulted objects, leave metadata (but for annotations with a meaning) to the server, and know the
 * feature gates that are on by default in 1.36.
 *
 * Nothing here reads or writes anything else: no store, no clock.
 *
 * A file a kind; pods, which are more than all others together, have the folder `pod/`: the whole pod at its top, and
 * what is said of its `containers/`, its `volumes/`, where it may run (`scheduling/`) and what may change in it (`update/`).
 */

export { addressFamily, canonicalAddress, validateAddress } from './addresses.ts';
export { compareAmounts, subtractAmounts } from './amounts.ts';
export { claimSpecWarnings } from './claim-warnings.ts';
export { applyConfigMapDefaults, validateConfigMap, validateConfigMapUpdate } from './config-map.ts';
export { applyEndpointsDefaults, validateEndpoints, validateReachableAddress } from './endpoints.ts';
export { applyEventDefaults, validateEvent, validateEventUpdate } from './event.ts';
export { applyLimitRangeDefaults, validateLimitRange } from './limit-range.ts';
export { applyLimits, limitViolations } from './limit-range-effects.ts';
export { applyNamespaceDefaults, validateNamespaceFinalizers, validateNamespaceStatus } from './namespace.ts';
export { applyNodeDefaults, validateNode, validateNodeUpdate } from './node.ts';
export { agentPlace } from './node-agent.ts';
export { nodeLabelWarning } from './node-labels.ts';
export {
  applyPersistentVolumeDefaults,
  persistentVolumeWarnings,
  validatePersistentVolume,
  validatePersistentVolumeUpdate,
} from './persistent-volume.ts';
export {
  applyClaimDefaults,
  settleDataSources,
  validateClaim,
  validateClaimStatus,
  validateClaimUpdate,
} from './persistent-volume-claim.ts';
export { validateBinding } from './pod/binding.ts';
export { takeOverAppArmorAnnotations } from './pod/containers/apparmor.ts';
export { validateOverhead } from './pod/containers/resources.ts';
export { applyPodDefaults, applyPodTemplateDefaults } from './pod/defaults.ts';
export { dropGatedFields } from './pod/gated-fields.ts';
export type { PodLogOptions } from './pod/log-options.ts';
export { isPodTerminal } from './pod/phase.ts';
export { podLimits, podRequests } from './pod/pod-amounts.ts';
export { qosClassOf } from './pod/qos.ts';
export { mergeMatchLabelKeys } from './pod/scheduling/match-label-keys-merge.ts';
export { validateTolerations } from './pod/scheduling/tolerations.ts';
export { statusAddressWarnings, validatePodStatusUpdate } from './pod/status.ts';
export { podTemplateValidationOptions } from './pod/stored-validation-options.ts';
export { validateEphemeralContainersUpdate } from './pod/update/ephemeral-update.ts';
export { goPodSpec, goPodTemplate, goToleration } from './pod/update/go-form.ts';
export { validatePodResize } from './pod/update/resize.ts';
export { validatePodUpdate } from './pod/update/update.ts';
export { validatePodCreate, validatePodTemplateSpec } from './pod/validation.ts';
export { type PodValidationOptions, STRICT_TEMPLATE } from './pod/validation-options.ts';
export { podTemplateWarnings, podWarnings } from './pod/warnings.ts';
export { type CountedObjects, quotaUsage } from './quota/count.ts';
export { scopeMark, selects, unstated } from './quota/match.ts';
export { addUsage, concerns, type Usage, usageOf } from './quota/usage.ts';
export {
  applyResourceQuotaDefaults,
  validateResourceQuota,
  validateResourceQuotaStatus,
  validateResourceQuotaUpdate,
} from './resource-quota.ts';
export { applySecretDefaults, secretWarnings, validateSecret, validateSecretUpdate } from './secret.ts';
export { sameMeaning } from './semantic-equality.ts';
export { applyServiceDefaults, settleClusterAddresses } from './service/defaults.ts';
export { familyErrors } from './service/families.ts';
export { validateServiceStatusUpdate } from './service/status-validation.ts';
export { needsHealthCheckPort, needsNodePorts, settleServiceUpdate } from './service/update-defaults.ts';
export { clusterAddressErrors, validateService, validateServiceUpdate } from './service/validation.ts';
export { serviceWarnings } from './service/warnings.ts';
export { tolerates } from './toleration.ts';
export {
  type ContainerUsage,
  type RunUsage,
  USAGE_ANNOTATION,
  USAGE_EVENT_REASON,
  type UsageByContainer,
  usageBoth,
  usageIn,
  usageInAll,
  usageInSentence,
  usageSentence,
  usageText,
} from './usage-annotation.ts';
export {
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  claimHasClass,
  classOfClaim,
  differInMode,
  findVolume,
  isReservedFor,
  NO_PROVISIONER,
  OLD_STORAGE_PROVISIONER,
  PROVISIONED_BY,
  podsOfClaims,
  SELECTED_NODE,
  STORAGE_PROVISIONER,
  volumeMisfit,
} from './volume-binding.ts';
