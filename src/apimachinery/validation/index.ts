/**
 * Rules that all kinds share: forms of names, metadata, labels and label selectors, worded as upstream words them.
 * Functions named after a form (`validateDns1123Label`) answer texts that say what is wrong; functions that are given a
 * path answer field errors. Nothing here throws or changes what it is given. Rules of one kind live with the kind.
 */
export { validateConditions } from './conditions.ts';
export {
  validateDomainPrefixedPath,
  validateFullyQualifiedDomainName,
} from './domain-prefixed.ts';
export { validateFinalizerDomains, validateFinalizers } from './finalizers.ts';
export {
  type LabelSelectorRules,
  validateAnnotations,
  validateLabelName,
  validateLabelSelector,
  validateLabelSelectorRequirement,
  validateLabels,
  validateRequirementValues,
} from './labels.ts';
export { validateFieldManager, validateManagedFields } from './managed-fields.ts';
export {
  validateConfigMapKey,
  validateDns1123Label,
  validateDns1123Subdomain,
  validateDns1123SubdomainWithUnderscore,
  validateHttpHeaderName,
  validateLabelValue,
  validatePathSegmentName,
  validatePercent,
  validatePortName,
  validateQualifiedName,
  validateRelaxedEnvVarName,
} from './names.ts';
export { validateGroupId, validatePortNumber, validateUserId } from './numbers.ts';
export {
  type MetadataErrors,
  SOUND_METADATA,
  validateNonNegative,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from './object-meta.ts';
export { label1035Name, labelName, type NameRule, subdomainName } from './object-names.ts';
export { validateOwnerReferences } from './owner-references.ts';
