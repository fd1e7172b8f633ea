/**
 * The address families of a service, as upstream's allocator settles them on a cluster that gives IPv4 addresses alone.
 * Source: initIPFamilyFields in pkg/registry/core/service/storage/alloc.go.
 */
import { type FieldError, invalid } from '../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import type { ServiceSpec } from '../types.ts';

type Spec = DeepReadonly<ServiceSpec>;

/** Whether a service has neither an address nor pods of its own choosing: its families are what its endpoints may have. */
function isBare({ clusterIP, selector }: Spec): boolean {
  return clusterIP === 'None' && Object.keys(selector ?? {}).length === 0;
}

/** Fills in policy and families where the client left them open; `old` is the service before an update. */
export function settleFamilies(spec: ServiceSpec, old?: Spec): void {
  const bare = isBare(spec);
  spec.ipFamilyPolicy ??= old?.ipFamilyPolicy ?? (bare ? 'RequireDualStack' : 'SingleStack');
  const families = [...(spec.ipFamilies ?? [])];
  const addresses = (spec.clusterIPs ?? []).filter((address) => address !== 'None');
  // An address of another family is refused by name, see familyErrors.
  if (families.length === 0 && addresses.every((address) => !address.includes(':'))) families.push('IPv4');
  if (bare && families.length === 1 && spec.ipFamilyPolicy !== 'SingleStack') {
    families.push(families[0] === 'IPv4' ? 'IPv6' : 'IPv4');
  }
  if (families.length > 0) spec.ipFamilies = families;
}

/** What a cluster without IPv6 has against the policy and families of a service, once they are settled. */
export function familyErrors(spec: Spec): FieldError[] {
  if (spec.type === 'ExternalName') return [];
  const { clusterIPs = [], ipFamilies = [], ipFamilyPolicy: policy } = spec;
  const errors: FieldError[] = [];
  if (policy === 'SingleStack') {
    for (const [list, what] of [
      [clusterIPs, 'cluster IPs'],
      [ipFamilies, 'IP families'],
    ] as const) {
      if (list.length !== 2) continue;
      const rule = `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`;
      errors.push(invalid('spec.ipFamilyPolicy', policy, rule));
    }
  }
  clusterIPs.forEach((address, index) => {
    if (index < ipFamilies.length || !address.includes(':')) return;
    errors.push(invalid(`spec.clusterIPs[${index}]`, clusterIPs, 'IPv6 is not configured on this cluster'));
  });
  if (errors.length > 0 || isBare(spec)) return errors;
  if (policy === 'RequireDualStack') {
    const rule = 'this cluster is not configured for dual-stack services';
    errors.push(invalid('spec.ipFamilyPolicy', policy, rule));
  }
  ipFamilies.forEach((family, index) => {
    if (family !== 'IPv6') return;
    errors.push(invalid(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster'));
  });
  return errors;
}
