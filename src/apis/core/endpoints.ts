import { type FieldError, invalid, notSupported, required } from '../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import {
  validateDns1123Label,
  validateDns1123Subdomain,
  validatePortNumber,
  validateQualifiedName,
} from '../../apimachinery/validation/index.ts';
import { addressFamily, canonicalAddress, validateAddress, withoutLeadingZeros } from './addresses.ts';
import { reportEach } from './report.ts';
import type { EndpointAddress, EndpointPort, Endpoints } from './types.ts';

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
/** Kinds of addresses that no other machine can reach, with the text for each. */
const UNREACHABLE: readonly (readonly [RegExp, string])[] = [
  [/^127\.|^::1$/, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  [/^169\.254\.|^fe[89ab][0-9a-f]:/, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  [/^224\.0\.0\.|^ff[0-9a-f]2:/, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
];

/** Fills in the protocol. */
export function applyEndpointsDefaults(endpoints: Endpoints): void {
  for (const subset of endpoints.subsets ?? []) {
    for (const port of subset.ports ?? []) port.protocol ||= 'TCP';
  }
}

/** Refuses addresses that mean nothing, or this very machine. */
export function validateReachableAddress(errors: FieldError[], path: string, address: string): void {
  // Read as upstream reads it here: leading zeros are for the stricter rule to find.
  const read = withoutLeadingZeros(address) ?? address;
  if (addressFamily(read) === 0) {
    errors.push(invalid(path, address, 'must be a valid IP address'));
    return;
  }
  const text = canonicalAddress(read);
  if (text === '0.0.0.0' || text === '::') {
    errors.push(invalid(path, address, `may not be unspecified (${address})`));
  }
  for (const [pattern, rule] of UNREACHABLE) {
    if (pattern.test(text)) errors.push(invalid(path, address, rule));
  }
}

/** Checks endpoints. */
export function validateEndpoints(endpoints: DeepReadonly<Endpoints>): FieldError[] {
  const errors: FieldError[] = [];
  endpoints.subsets?.forEach((subset, index) => {
    const at = `subsets[${index}]`;
    if (!subset.addresses?.length && !subset.notReadyAddresses?.length) {
      errors.push(required(at, 'must specify `addresses` or `notReadyAddresses`'));
    }
    for (const list of ['addresses', 'notReadyAddresses'] as const) {
      subset[list]?.forEach((address, position) => {
        validateEndpointAddress(errors, `${at}.${list}[${position}]`, address);
      });
    }
    subset.ports?.forEach((port, position) => {
      validateEndpointPort(errors, `${at}.ports[${position}]`, port, (subset.ports?.length ?? 0) > 1);
    });
  });
  return errors;
}

function validateEndpointAddress(
  errors: FieldError[],
  path: string,
  { ip, hostname, nodeName }: DeepReadonly<EndpointAddress>,
): void {
  validateAddress(errors, `${path}.ip`, ip);
  if (hostname) reportEach(errors, `${path}.hostname`, hostname, validateDns1123Label(hostname));
  if (nodeName != null) reportEach(errors, `${path}.nodeName`, nodeName, validateDns1123Subdomain(nodeName));
  validateReachableAddress(errors, `${path}.ip`, ip);
}

function validateEndpointPort(
  errors: FieldError[],
  path: string,
  { name, port, protocol, appProtocol }: DeepReadonly<EndpointPort>,
  needsName: boolean,
): void {
  if (name) reportEach(errors, `${path}.name`, name, validateDns1123Label(name));
  else if (needsName) errors.push(required(`${path}.name`));
  reportEach(errors, `${path}.port`, port ?? 0, validatePortNumber(port ?? 0));
  const kind: string = protocol ?? '';
  if (!PROTOCOLS.includes(kind)) errors.push(notSupported(`${path}.protocol`, kind, PROTOCOLS));
  if (appProtocol != null) {
    reportEach(errors, `${path}.appProtocol`, appProtocol, validateQualifiedName(appProtocol));
  }
}
