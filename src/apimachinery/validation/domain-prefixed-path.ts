import { type FieldError, invalid, required } from '../field-error.ts';
import { regexMessage } from './messages.ts';
import { validateDns1123Subdomain } from './names.ts';

const HTTP_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const httpPathPattern = new RegExp(`^${HTTP_PATH}$`);

/** `acme.io/foo`: a subdomain, a slash and characters of an HTTP path (RFC 3986), as in a Job's managedBy. */
export function validateDomainPrefixedPath(value: string, field: string): readonly FieldError[] {
  if (value === '') return [required(field)];
  const slash = value.indexOf('/');
  if (slash <= 0 || slash === value.length - 1) {
    return [invalid(field, value, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  }
  const host = value.slice(0, slash);
  const path = value.slice(slash + 1);
  const errors = validateDns1123Subdomain(host).map((wrong) => invalid(field, host, wrong));
  if (!httpPathPattern.test(path)) errors.push(invalid(field, path, regexMessage('Invalid path', HTTP_PATH)));
  return errors;
}
