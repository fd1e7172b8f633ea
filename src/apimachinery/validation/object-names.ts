/** Rules for `metadata.name`; with `prefix` the text is a generateName, to which letters will be appended. */
import { validateDns1035Label, validateDns1123Label, validateDns1123Subdomain } from './names.ts';

/** A rule for names of objects: answers what is wrong. */
export type NameRule = (name: string, prefix: boolean) => readonly string[];

/** The rule for most kinds: a DNS subdomain. */
export const subdomainName: NameRule = (name, prefix) =>
  validateDns1123Subdomain(prefix ? withoutTrailingDash(name) : name);
/** The rule for namespaces, and others whose names become part of a host name: a DNS label. */
export const labelName: NameRule = (name, prefix) =>
  validateDns1123Label(prefix ? withoutTrailingDash(name) : name);
/** The rule for Services: a DNS label that begins with a letter (RFC 1035). */
export const label1035Name: NameRule = (name, prefix) =>
  validateDns1035Label(prefix ? withoutTrailingDash(name) : name);

/** A prefix may end with a dash, since more follows. Upstream cuts off two letters to append one; so do we. */
function withoutTrailingDash(name: string): string {
  return name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;
}
