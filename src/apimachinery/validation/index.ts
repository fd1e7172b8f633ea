/**
 * Rules that are not of one kind: names, numbers, labels, selectors, metadata. They are pure, and word their findings as
 * k8s.io/apimachinery does, to the character. Rules for one kind lie with it in `apis`.
 */
export { validateDomainPrefixedPath } from './domain-prefixed-path.ts';
export {
  type LabelSelectorRules,
  validateAnnotations,
  validateLabelName,
  validateLabelSelector,
  validateLabels,
} from './labels.ts';
export {
  DNS_LABEL_LENGTH_MAX,
  DNS_SUBDOMAIN_LENGTH_MAX,
  validateCIdentifier,
  validateConfigMapKey,
  validateDns1035Label,
  validateDns1123Label,
  validateDns1123Subdomain,
  validateDns1123SubdomainWithUnderscore,
  validateEnvVarName,
  validateHttpHeaderName,
  validateLabelValue,
  validatePathSegmentName,
  validateQualifiedName,
  validateRelaxedEnvVarName,
} from './names.ts';
export { validateGroupId, validatePortName, validatePortNumber, validateUserId } from './numbers.ts';
export {
  labelName,
  type NameRule,
  subdomainName,
  validateFinalizers,
  validateObjectMeta,
  validateObjectMetaUpdate,
  validateOwnerReferences,
} from './object-meta.ts';
