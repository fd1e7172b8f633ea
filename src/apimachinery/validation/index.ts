/**
 * Rules that all kinds share: forms of names, metadata, labels and label selectors, worded as upstream words them.
 * Functions named after a form (`validateDns1123Label`) answer texts that say what is wrong; functions that are given a
 * path answer field errors. Nothing here throws or changes what it is given. Rules of one kind live with the kind.
 */
export {
  validateDomainPrefixedKey,
  validateDomainPrefixedPath,
  validateFullyQualifiedDomainName,
} from './domain-prefixed.ts';
export { validateFinalizerName, validateFinalizers, validateNoNewFinalizers } from './finalizers.ts';
export {
  ANNOTATIONS_SIZE_MAX,
  type LabelSelectorRules,
  validateAnnotations,
  validateLabelName,
  validateLabelSelector,
  validateLabels,
} from './labels.ts';
export { FIELD_MANAGER_LENGTH_MAX, validateFieldManager, validateManagedFields } from './managed-fields.ts';
export {
  byteLength,
  DNS_LABEL_LENGTH_MAX,
  DNS_SUBDOMAIN_LENGTH_MAX,
  LABEL_LENGTH_MAX,
  outOfRange,
  patternMessage,
  tooManyCharacters,
  validateCIdentifier,
  validateConfigMapKey,
  validateDns1035Label,
  validateDns1123Label,
  validateDns1123Subdomain,
  validateDns1123SubdomainWithUnderscore,
  validateEnvVarName,
  validateHttpHeaderName,
  validateHttpPath,
  validateLabelValue,
  validatePathSegmentName,
  validatePercent,
  validatePortName,
  validateQualifiedName,
  validateRelaxedEnvVarName,
  validateWildcardDns1123Subdomain,
} from './names.ts';
export { validateGroupId, validateInRange, validatePortNumber, validateUserId } from './numbers.ts';
export {
  IMMUTABLE_FIELD,
  validateNonNegative,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from './object-meta.ts';
export { label1035Name, labelName, type NameRule, subdomainName } from './object-names.ts';
export { validateOwnerReferences } from './owner-references.ts';
