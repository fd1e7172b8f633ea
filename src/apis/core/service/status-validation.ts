/**
 * What the status of a service may say of its load balancer.
 * Source: ValidateLoadBalancerStatus in pkg/apis/core/validation/validation.go.
 */
import {
  type FieldError,
  forbidden,
  invalid,
  required,
  unsupported,
} from '../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import { subdomainName } from '../../../apimachinery/validation/index.ts';
import { addressFamily, validateAddress } from '../addresses.ts';
import type { Service } from '../types.ts';

const INGRESS = 'status.loadBalancer.ingress';
const MODES = ['Proxy', 'VIP'];

type Ingress = NonNullable<NonNullable<DeepReadonly<Service>['status']['loadBalancer']>['ingress']>[number];

/** What an update of the status says that it may not. Addresses of the stored status stand whatever they look like. */
export function validateServiceStatusUpdate(
  { spec, status }: DeepReadonly<Service>,
  old: DeepReadonly<Service>,
): FieldError[] {
  const ingress = status.loadBalancer?.ingress ?? [];
  if (spec.type !== 'LoadBalancer') {
    if (ingress.length === 0) return [];
    return [forbidden(INGRESS, "may only be used when `spec.type` is 'LoadBalancer'")];
  }
  const accepted = (old.status.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip ? [ip] : []));
  return ingress.flatMap((each, at) => ingressErrors(each, `${INGRESS}[${at}]`, accepted));
}

function ingressErrors(
  { ip, ipMode, hostname }: Ingress,
  path: string,
  accepted: readonly string[],
): FieldError[] {
  const errors: FieldError[] = [];
  if (ip) validateAddress(errors, `${path}.ip`, ip, accepted);
  if (ipMode == null) {
    if (ip) errors.push(required(`${path}.ipMode`, 'must be specified when `ip` is set'));
  } else if (!ip) errors.push(forbidden(`${path}.ipMode`, 'may not be specified when `ip` is not set'));
  else if (!MODES.includes(ipMode)) errors.push(unsupported(`${path}.ipMode`, ipMode, MODES));
  if (hostname) {
    for (const wrong of subdomainName(hostname, false)) {
      errors.push(invalid(`${path}.hostname`, hostname, wrong));
    }
    if (addressFamily(hostname) !== 0) {
      errors.push(invalid(`${path}.hostname`, hostname, 'must be a DNS name, not an IP address'));
    }
  }
  return errors;
}
