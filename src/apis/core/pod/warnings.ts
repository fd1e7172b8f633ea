/** What is worth a warning in a pod or template though it is valid. */
import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import { addressWarnings } from '../addresses.ts';
import { canonicalAmount, isWhole } from '../amounts.ts';
import { claimSpecWarnings } from '../claim-warnings.ts';
import { nodeLabelWarning } from '../node-labels.ts';
import type { Affinity, Container, NodeSelectorTerm, Pod, PodSpec, PodTemplateSpec } from '../types.ts';
import { APPARMOR_CONTAINER, SECCOMP_CONTAINER, SECCOMP_POD } from './annotations.ts';
import { eachContainer } from './containers/each-container.ts';
import { portWarnings } from './containers/port-warnings.ts';
import { overlappingPathWarnings } from './volumes/overlapping-paths.ts';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
const NULL_SELECTOR = 'a null labelSelector results in matching no pod';
const USE_SECCOMP_FIELD = 'non-functional in v1.27+; use the "seccompProfile" field instead';
const DEPRECATED_ANNOTATIONS = [
  ['scheduler.alpha.kubernetes.io/critical-pod', 'v1.16+', 'priorityClassName'],
  ['security.alpha.kubernetes.io/sysctls', 'v1.11+', 'sysctls'],
  ['security.alpha.kubernetes.io/unsafe-sysctls', 'v1.11+', 'sysctls'],
] as const;
/** Volumes that no kubelet serves any more, with the releases that said and did so. */
const BYGONE_VOLUMES = [
  ['photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'deprecated in v1.28, non-functional in v1.31+'],
] as const;
const BYTES = ['memory', 'ephemeral-storage'];

type Annotations = Readonly<Record<string, string>>;

/** Warnings for a pod. */
export function podWarnings(pod: DeepReadonly<Pod>): string[] {
  return warningsFor('', pod.spec, pod.metadata.annotations ?? {}, false);
}

/** Warnings for a pod template; `path` is its own, such as `spec.template`. */
export function podTemplateWarnings(template: DeepReadonly<PodTemplateSpec>, path: string): string[] {
  const spec = template.spec ?? { containers: [] };
  return warningsFor(`${path}.`, spec, template.metadata?.annotations ?? {}, true);
}

function warningsFor(
  prefix: string,
  spec: DeepReadonly<PodSpec>,
  annotations: Annotations,
  isTemplate: boolean,
): string[] {
  const path = `${prefix}spec`;
  const warnings: string[] = [];
  const warn = (at: string, text: string): void => void warnings.push(`${at}: ${text}`);
  warnOfNodes(warn, path, spec);
  for (const [name, release, field] of DEPRECATED_ANNOTATIONS) {
    if (name in annotations) {
      const text = `non-functional in ${release}; use the "${field}" field instead`;
      warn(`${prefix}metadata.annotations[${name}]`, text);
    }
  }
  warnOfVolumes(warnings, path, spec);
  warnings.push(...overlappingPathWarnings(spec.volumes));
  warnOfRepeated(
    warn,
    `${path}.hostAliases`,
    'ip',
    spec.hostAliases?.map((each) => each.ip ?? ''),
  );
  const secrets = spec.imagePullSecrets?.map((each) => each.name ?? '');
  warnOfRepeated(warn, `${path}.imagePullSecrets`, 'name', secrets);
  secrets?.forEach((name, index) => {
    if (name === '') warn(`${path}.imagePullSecrets[${index}].name`, 'invalid empty name ""');
  });
  warnOfFractions(warn, `${path}.overhead`, spec.overhead);
  if (!spec.securityContext?.seccompProfile && SECCOMP_POD in annotations) {
    warn(`${prefix}metadata.annotations[${SECCOMP_POD}]`, USE_SECCOMP_FIELD);
  }
  eachContainer(spec, path, (container, at) => {
    warnOfProfiles(warn, `${prefix}metadata.annotations`, container, spec, annotations, isTemplate);
    for (const name of BYTES) {
      for (const list of ['limits', 'requests'] as const) {
        const amount = container.resources?.[list]?.[name];
        if (amount !== undefined) warnOfFraction(warn, `${at}.resources.${list}[${name}]`, amount);
      }
    }
    warnOfHiddenVariables(warn, at, container);
  });
  warnings.push(...portWarnings(spec, path));
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    const text = 'must be >= 0; negative values are invalid and will be treated as 1';
    warn(`${path}.terminationGracePeriodSeconds`, text);
  }
  warnOfNullSelectors(warn, `${path}.affinity`, spec.affinity);
  spec.dnsConfig?.nameservers?.forEach((address, index) => {
    warnings.push(...addressWarnings(`${path}.dnsConfig.nameservers[${index}]`, address));
  });
  spec.hostAliases?.forEach((alias, index) => {
    warnings.push(...addressWarnings(`${path}.hostAliases[${index}].ip`, alias.ip ?? ''));
  });
  return warnings;
}

type Warn = (at: string, text: string) => void;

function warnOfNodes(warn: Warn, path: string, spec: DeepReadonly<PodSpec>): void {
  for (const label in spec.nodeSelector) {
    const text = nodeLabelWarning(label);
    if (text) warn(`${path}.nodeSelector[${label}]`, text);
  }
  const affinity = spec.affinity?.nodeAffinity;
  const at = `${path}.affinity.nodeAffinity`;
  affinity?.[REQUIRED]?.nodeSelectorTerms?.forEach((term, index) => {
    warnOfTerm(warn, `${at}.${REQUIRED}.nodeSelectorTerms[${index}]`, term);
  });
  affinity?.[PREFERRED]?.forEach(({ preference }, index) => {
    warnOfTerm(warn, `${at}.${PREFERRED}[${index}].preference`, preference);
  });
  spec.topologySpreadConstraints?.forEach(({ topologyKey, labelSelector }, index) => {
    const where = `${path}.topologySpreadConstraints[${index}]`;
    const text = nodeLabelWarning(topologyKey ?? '');
    if (text) warn(`${where}.topologyKey`, `${topologyKey} is ${text}`);
    if (!labelSelector) warn(`${where}.labelSelector`, NULL_SELECTOR);
  });
}

function warnOfTerm(warn: Warn, path: string, term: DeepReadonly<NodeSelectorTerm> | undefined): void {
  term?.matchExpressions?.forEach(({ key }, index) => {
    const text = nodeLabelWarning(key);
    if (text) warn(`${path}.matchExpressions[${index}].key`, `${key} is ${text}`);
  });
}

function warnOfVolumes(warnings: string[], path: string, spec: DeepReadonly<PodSpec>): void {
  spec.volumes?.forEach((volume, index) => {
    const at = `${path}.volumes[${index}]`;
    for (const [field, text] of BYGONE_VOLUMES) {
      const name = field === 'storageos' ? 'storageOS' : field;
      if (volume[field]) warnings.push(`${at}.${name}: ${text}`);
    }
    const claim = volume.ephemeral?.volumeClaimTemplate?.spec;
    if (claim) warnings.push(...claimSpecWarnings(claim, `${at}.ephemeral.volumeClaimTemplate.spec`));
  });
}

function warnOfRepeated(
  warn: Warn,
  path: string,
  field: string,
  values: readonly string[] | undefined,
): void {
  const seen = new Set<string>();
  values?.forEach((value, index) => {
    if (seen.has(value)) warn(`${path}[${index}].${field}`, `duplicate ${field} ${JSON.stringify(value)}`);
    seen.add(value);
  });
}

function warnOfFractions(
  warn: Warn,
  path: string,
  amounts: Readonly<Record<string, string>> | undefined,
): void {
  for (const name of BYTES) {
    const amount = amounts?.[name];
    if (amount !== undefined) warnOfFraction(warn, `${path}[${name}]`, amount);
  }
}

function warnOfFraction(warn: Warn, path: string, amount: string): void {
  if (isWhole(amount)) return;
  warn(
    path,
    `fractional byte value ${JSON.stringify(canonicalAmount(amount))} is invalid, must be an integer`,
  );
}

function warnOfProfiles(
  warn: Warn,
  path: string,
  container: DeepReadonly<Container>,
  spec: DeepReadonly<PodSpec>,
  annotations: Annotations,
  isTemplate: boolean,
): void {
  const context = container.securityContext;
  const seccomp = SECCOMP_CONTAINER + container.name;
  if (!context?.seccompProfile && seccomp in annotations) warn(`${path}[${seccomp}]`, USE_SECCOMP_FIELD);
  const apparmor = APPARMOR_CONTAINER + container.name;
  if (!isTemplate || context?.appArmorProfile || !(apparmor in annotations)) return;
  const ofPod = spec.securityContext?.appArmorProfile;
  if (ofPod && appArmorAnnotation(ofPod) === annotations[apparmor]) return;
  warn(`${path}[${apparmor}]`, 'deprecated since v1.30; use the "appArmorProfile" field instead');
}

/** How the annotation of old says what the field says. */
function appArmorAnnotation(profile: DeepReadonly<{ type: string; localhostProfile?: string }>): string {
  if (profile.type === 'Localhost') return `localhost/${profile.localhostProfile ?? ''}`;
  return profile.type === 'RuntimeDefault' ? 'runtime/default' : 'unconfined';
}

/** A variable given twice hides its first value, unless the second is built on it. */
function warnOfHiddenVariables(warn: Warn, path: string, container: DeepReadonly<Container>): void {
  const seen = new Set<string>();
  container.env?.forEach(({ name, value = '', valueFrom }, index) => {
    if (!seen.has(name)) {
      seen.add(name);
      return;
    }
    const reference = `$(${name})`;
    if (!valueFrom && value !== reference && value.includes(reference)) return;
    const text = `hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`;
    warn(`${path}.env[${index}]`, text);
  });
}

function warnOfNullSelectors(warn: Warn, path: string, affinity: DeepReadonly<Affinity> | undefined): void {
  for (const name of ['podAffinity', 'podAntiAffinity'] as const) {
    affinity?.[name]?.[REQUIRED]?.forEach((term, index) => {
      if (!term.labelSelector) warn(`${path}.${name}.${REQUIRED}[${index}].labelSelector`, NULL_SELECTOR);
    });
    affinity?.[name]?.[PREFERRED]?.forEach(({ podAffinityTerm: term }, index) => {
      const at = `${path}.${name}.${PREFERRED}[${index}].podAffinityTerm.labelSelector`;
      if (!term?.labelSelector) warn(at, NULL_SELECTOR);
    });
  }
}
