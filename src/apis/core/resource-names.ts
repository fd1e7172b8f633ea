/** Names of the things that are requested, limited and counted: `cpu`, `requests.memory`, `example.com/gpu`. */
import { type FieldError, invalid } from '../../apimachinery/field-error.ts';
import { validateQualifiedName } from '../../apimachinery/validation/index.ts';
import { reportEach } from './report.ts';

const OF_CONTAINERS: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);
/** Counted in whole numbers. */
const OBJECT_COUNTS = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
];
const OF_QUOTAS: ReadonlySet<string> = new Set([
  ...OF_CONTAINERS,
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  ...OBJECT_COUNTS,
]);
const STANDARD: ReadonlySet<string> = new Set([...OF_QUOTAS, 'storage']);
const COUNTED: ReadonlySet<string> = new Set(OBJECT_COUNTS);

/** Whether the name is that of huge pages of some size. */
export const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
const isQuotaHugePages = (name: string): boolean =>
  isHugePages(name) || name.startsWith('requests.hugepages-');

/** Whether Kubernetes itself defines the resource: no domain, or one of kubernetes.io. */
export const isNativeResource = (name: string): boolean =>
  !name.includes('/') || name.includes('kubernetes.io/');

/** Whether a limit may exceed its request: not for huge pages nor for devices. */
export const mayOvercommit = (name: string): boolean => isNativeResource(name) && !isHugePages(name);

/** Whether the name is that of a device or the like, which node agents announce. */
function isExtendedResource(name: string): boolean {
  if (isNativeResource(name) || name.startsWith('requests.')) return false;
  return validateQualifiedName(`requests.${name}`).length === 0;
}

/** Whether Kubernetes' quotas know the resource by itself. */
export const isStandardQuotaResource = (name: string): boolean =>
  OF_QUOTAS.has(name) || isQuotaHugePages(name);

/** Whether amounts of the resource are whole numbers. */
export const isCountedResource = (name: string): boolean => COUNTED.has(name) || isExtendedResource(name);

/** Checks a name of any resource. */
export function validateResourceName(errors: FieldError[], path: string, name: string): void {
  const wrongs = validateQualifiedName(name);
  reportEach(errors, path, name, wrongs);
  if (wrongs.length === 0 && !name.includes('/') && !STANDARD.has(name) && !isQuotaHugePages(name)) {
    errors.push(invalid(path, name, 'must be a standard resource type or fully qualified'));
  }
}

/** Checks a name of a resource that containers use. */
export function validateContainerResourceName(errors: FieldError[], path: string, name: string): void {
  if (OF_CONTAINERS.has(name)) return;
  validateResourceName(errors, path, name);
  if (!name.includes('/')) {
    if (!isHugePages(name)) errors.push(invalid(path, name, 'must be a standard resource for containers'));
  } else if (!isNativeResource(name) && !isExtendedResource(name)) {
    errors.push(invalid(path, name, "doesn't follow extended resource name standard"));
  }
}

/** Checks a name of a resource that a quota limits. */
export function validateQuotaResourceName(errors: FieldError[], path: string, name: string): void {
  validateResourceName(errors, path, name);
  if (!name.includes('/') && !isStandardQuotaResource(name)) {
    errors.push(invalid(path, name, 'must be a standard resource for quota'));
  }
}
