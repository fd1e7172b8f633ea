import { type FieldError, invalid, required } from '../field-error.ts';
import { validateDns1123Label, validateDns1123Subdomain, validateHttpPath } from './names.ts';

/** A path such as `acme.io/foo`: a DNS subdomain, a slash, and what a URL path may hold. */
export function validateDomainPrefixedPath(text: string, path: string): FieldError[] {
  if (text === '') return [required(path)];
  const slash = text.indexOf('/');
  if (slash <= 0 || slash === text.length - 1) {
    return [invalid(path, text, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  }
  const host = text.slice(0, slash);
  const rest = text.slice(slash + 1);
  return [
    ...validateDns1123Subdomain(host).map((wrong) => invalid(path, host, wrong)),
    ...validateHttpPath(rest).map((wrong) => invalid(path, rest, wrong)),
  ];
}

/** A DNS name of two labels or more; a dot at its end is accepted. */
export function validateFullyQualifiedDomainName(text: string, path: string): FieldError[] {
  if (text === '') return [required(path)];
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  const wrongs = validateDns1123Subdomain(name);
  if (wrongs.length > 0) return [invalid(path, name, wrongs.join(','))];
  const labels = name.split('.');
  if (labels.length < 2) {
    return [invalid(path, name, 'should be a domain with at least two segments separated by dots')];
  }
  for (const label of labels) {
    const labelWrongs = validateDns1123Label(label);
    if (labelWrongs.length > 0) return [invalid(path, label, labelWrongs.join(','))];
  }
  return [];
}
