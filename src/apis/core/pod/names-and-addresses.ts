/** Rules for how a pod is called on the network and whom it asks for names. */
import { type FieldError, forbidden, invalid, required, tooLong } from '../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import {
  validateDns1123Label,
  validateDns1123Subdomain,
  validateDns1123SubdomainWithUnderscore,
} from '../../../apimachinery/validation/index.ts';
import { validateAddress } from '../addresses.ts';
import { reportEach } from '../report.ts';
import type { PodSpec } from '../types.ts';

/** Limits of the resolver in Linux' C library. */
const NAMESERVERS_MAX = 3;
const SEARCHES_MAX = 32;
const SEARCH_CHARACTERS_MAX = 2048;
/** Length of a host name that Linux keeps. */
const HOSTNAME_MAX = 64;

/** Checks a pod's own resolver configuration. */
export function validateDnsConfig(errors: FieldError[], path: string, spec: DeepReadonly<PodSpec>): void {
  const { dnsConfig: config, dnsPolicy: policy } = spec;
  if (policy === 'None' && !config) {
    errors.push(required(path, 'must provide `dnsConfig` when `dnsPolicy` is None'));
    return;
  }
  if (!config) return;
  const { nameservers = [], searches = [], options = [] } = config;
  if (policy === 'None' && nameservers.length === 0) {
    const rule = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
    errors.push(required(`${path}.nameservers`, rule));
    return;
  }
  if (nameservers.length > NAMESERVERS_MAX) {
    const rule = `must not have more than ${NAMESERVERS_MAX} nameservers`;
    errors.push(invalid(`${path}.nameservers`, nameservers, rule));
  }
  nameservers.forEach((address, index) => {
    validateAddress(errors, `${path}.nameservers[${index}]`, address);
  });
  validateSearches(errors, `${path}.searches`, searches);
  options.forEach((option, index) => {
    if (!option.name) errors.push(required(`${path}.options[${index}]`, 'must not be empty'));
  });
}

function validateSearches(errors: FieldError[], path: string, searches: readonly string[]): void {
  if (searches.length > SEARCHES_MAX) {
    errors.push(invalid(path, searches, `must not have more than ${SEARCHES_MAX} search paths`));
  }
  if (searches.join(' ').length > SEARCH_CHARACTERS_MAX) {
    const rule = `must not have more than ${SEARCH_CHARACTERS_MAX} characters (including spaces) in the search list`;
    errors.push(invalid(path, searches, rule));
  }
  searches.forEach((search, index) => {
    if (search === '.') return;
    const name = search.replace(/\.$/, '');
    reportEach(errors, `${path}[${index}]`, name, validateDns1123SubdomainWithUnderscore(name));
  });
}

/** Checks `hostnameOverride` (KEP-4762). */
export function validateHostnameOverride(
  errors: FieldError[],
  path: string,
  spec: DeepReadonly<PodSpec>,
): void {
  const name = spec.hostnameOverride;
  if (name == null) return;
  if (spec.setHostnameAsFQDN) {
    errors.push(forbidden(path, 'may not be specified when setHostnameAsFQDN is true'));
  }
  if (spec.hostNetwork) errors.push(forbidden(path, 'may not be specified when hostNetwork is true'));
  if (name.length > HOSTNAME_MAX) errors.push(tooLong(path, HOSTNAME_MAX));
  reportEach(errors, path, name, validateDns1123Subdomain(name));
}

/** Checks `hostname`, `subdomain` and the lines for /etc/hosts. */
export function validateHostNames(errors: FieldError[], path: string, spec: DeepReadonly<PodSpec>): void {
  for (const field of ['hostname', 'subdomain'] as const) {
    const name = spec[field];
    if (name) reportEach(errors, `${path}.${field}`, name, validateDns1123Label(name));
  }
}

/** Checks the lines for /etc/hosts. */
export function validateHostAliases(errors: FieldError[], path: string, spec: DeepReadonly<PodSpec>): void {
  spec.hostAliases?.forEach((alias, index) => {
    validateAddress(errors, `${path}[${index}].ip`, alias.ip ?? '');
    alias.hostnames?.forEach((name, position) => {
      reportEach(errors, `${path}[${index}].hostnames[${position}]`, name, validateDns1123Subdomain(name));
    });
  });
}
