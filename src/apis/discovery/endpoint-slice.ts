/** Defaults and rules of endpoint slices. */
import {
  duplicate,
  type FieldError,
  invalid,
  required,
  tooMany,
  unsupported,
} from '../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import {
  validateDns1123Label,
  validateDns1123Subdomain,
  validateLabelValue,
  validateQualifiedName,
} from '../../apimachinery/validation/index.ts';
import {
  addressFamily,
  canonicalAddress,
  sameMeaning,
  validateAddress,
  validateReachableAddress,
} from '../core/index.ts';
import type { Endpoint, EndpointHints, EndpointPort, EndpointSlice } from './types.ts';

const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const ENDPOINTS_MAX = 1000;
const ADDRESSES_MAX = 100;
const PORTS_MAX = 20_000;
const HINTS_MAX = 8;

/** Fills in the defaults of the ports. Lists that are left out read back as null, as Go always writes them. */
export function applyEndpointSliceDefaults(slice: EndpointSlice): void {
  const lists = slice as { endpoints?: unknown; ports?: unknown };
  lists.endpoints ??= null;
  lists.ports ??= null;
  for (const port of slice.ports ?? []) {
    port.name ??= '';
    port.protocol ??= 'TCP';
  }
}

/** Checks a new endpoint slice. */
export function validateEndpointSlice(slice: DeepReadonly<EndpointSlice>): FieldError[] {
  return [
    ...validateAddressType(slice.addressType),
    ...validatePorts(slice.ports ?? []),
    ...validateEndpoints(slice),
  ];
}

/** Checks the new state of an endpoint slice; endpoints that did not change are not looked at. */
export function validateEndpointSliceUpdate(
  slice: DeepReadonly<EndpointSlice>,
  old: DeepReadonly<EndpointSlice>,
): FieldError[] {
  const errors = [...validateAddressType(slice.addressType), ...validatePorts(slice.ports ?? [])];
  if (!sameMeaning(slice.endpoints, old.endpoints)) errors.push(...validateEndpoints(slice));
  if (slice.addressType !== old.addressType) {
    errors.push(invalid('addressType', slice.addressType, 'field is immutable'));
  }
  return errors;
}

function validateAddressType(type: string): FieldError[] {
  if (!type) return [required('addressType', '')];
  return ADDRESS_TYPES.includes(type) ? [] : [unsupported('addressType', type, ADDRESS_TYPES)];
}

function validatePorts(ports: DeepReadonly<EndpointPort[]>): FieldError[] {
  if (ports.length > PORTS_MAX) return [tooMany('ports', ports.length, PORTS_MAX)];
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [at, { name = '', protocol, appProtocol }] of ports.entries()) {
    const path = `ports[${at}]`;
    if (name !== '')
      for (const why of validateDns1123Label(name)) errors.push(invalid(`${path}.name`, name, why));
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
    if (protocol === undefined) errors.push(required(`${path}.protocol`, ''));
    else if (!PROTOCOLS.includes(protocol)) errors.push(unsupported(`${path}.protocol`, protocol, PROTOCOLS));
    if (appProtocol !== undefined) {
      for (const why of validateQualifiedName(appProtocol))
        errors.push(invalid(`${path}.appProtocol`, appProtocol, why));
    }
  }
  return errors;
}

function validateEndpoints(slice: DeepReadonly<EndpointSlice>): FieldError[] {
  const { addressType } = slice;
  const endpoints = slice.endpoints ?? [];
  if (endpoints.length > ENDPOINTS_MAX) return [tooMany('endpoints', endpoints.length, ENDPOINTS_MAX)];
  return endpoints.flatMap((endpoint, at) => validateEndpoint(endpoint, addressType, `endpoints[${at}]`));
}

function validateEndpoint(endpoint: DeepReadonly<Endpoint>, type: string, path: string): FieldError[] {
  const { nodeName, hostname, hints } = endpoint;
  const addresses = endpoint.addresses ?? [];
  const errors: FieldError[] = [];
  if (addresses.length === 0) errors.push(required(`${path}.addresses`, 'must contain at least 1 address'));
  else if (addresses.length > ADDRESSES_MAX) {
    errors.push(tooMany(`${path}.addresses`, addresses.length, ADDRESSES_MAX));
  }
  for (const [at, address] of addresses.entries()) {
    errors.push(...validateTypedAddress(address, type, `${path}.addresses`, at));
  }
  if (nodeName !== undefined) {
    for (const why of validateDns1123Subdomain(nodeName))
      errors.push(invalid(`${path}.nodeName`, nodeName, why));
  }
  if (hostname !== undefined) {
    for (const why of validateDns1123Label(hostname)) errors.push(invalid(`${path}.hostname`, hostname, why));
  }
  if (hints !== undefined) errors.push(...validateHints(hints, `${path}.hints`));
  return errors;
}

function validateTypedAddress(address: string, type: string, path: string, at: number): FieldError[] {
  const place = `${path}[${at}]`;
  if (type === 'FQDN') return validateDomain(address, place);
  if (type !== 'IPv4' && type !== 'IPv6') return [];
  const errors: FieldError[] = [];
  validateAddress(errors, place, address);
  const canonical = canonicalAddress(address);
  if (errors.length === 0 && type === 'IPv6' && canonical !== address) {
    errors.push(invalid(place, address, `must be in canonical form (${JSON.stringify(canonical)})`));
  }
  if (errors.length > 0) return errors;
  const fits = addressFamily(address) === (type === 'IPv4' ? 4 : 6);
  if (!fits) errors.push(invalid(path, address, `must be an ${type} address`));
  validateReachableAddress(errors, place, address);
  return errors;
}

/** A domain name of at least two labels; a dot at its end is allowed. */
function validateDomain(name: string, path: string): FieldError[] {
  if (name === '') return [required(path, '')];
  const wrongs = validateDns1123Subdomain(name.replace(/\.$/, ''));
  if (wrongs.length > 0) return wrongs.map((why) => invalid(path, name, why));
  if (name.split('.').filter((label) => label !== '').length < 2) {
    return [invalid(path, name, 'should be a domain with at least two segments separated by dots')];
  }
  return [];
}

function validateHints(
  { forZones = [], forNodes = [] }: DeepReadonly<EndpointHints>,
  path: string,
): FieldError[] {
  if (forZones.length > HINTS_MAX) return [tooMany(`${path}.forZones`, forZones.length, HINTS_MAX)];
  const errors = validateHintNames(forZones, `${path}.forZones`, validateLabelValue);
  if (forNodes.length > HINTS_MAX)
    return [...errors, tooMany(`${path}.forNodes`, forNodes.length, HINTS_MAX)];
  return [...errors, ...validateHintNames(forNodes, `${path}.forNodes`, validateDns1123Subdomain)];
}

function validateHintNames(
  hints: readonly { readonly name: string }[],
  path: string,
  rule: (name: string) => readonly string[],
): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [at, { name }] of hints.entries()) {
    const place = `${path}[${at}].name`;
    if (seen.has(name)) errors.push(duplicate(place, name));
    seen.add(name);
    for (const why of rule(name)) errors.push(invalid(place, name, why));
  }
  return errors;
}
