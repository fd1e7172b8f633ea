/** Rules for IP addresses, strict as of Kubernetes 1.36: no leading zeros, no IPv4 dressed up as IPv6. */
import { isIP, isIPv4 } from 'node:net';
import { type FieldError, internal, invalid } from '../../apimachinery/field-error.ts';

/** A mapped IPv4 address in canonical form: five groups of zeros, `ffff`, and the four bytes as two groups. */
const MAPPED = /^::ffff:[0-9a-f]+:[0-9a-f]+$/;

/** `010.002.003.004` as people meant it, undefined when it is no such thing. */
export function withoutLeadingZeros(text: string): string | undefined {
  if (!/^[0-9]{1,}(?:\.[0-9]+){3}$/.test(text)) return undefined;
  const plain = text.replace(/\b0+(?=[0-9])/g, '');
  return plain !== text && isIPv4(plain) ? plain : undefined;
}

function isMapped(text: string): boolean {
  return isIP(text) === 6 && MAPPED.test(canonicalAddress(text));
}

/** Checks an address; those in `accepted` (of the stored object) stand whatever they look like. */
export function validateAddress(
  errors: FieldError[],
  path: string,
  text: string,
  accepted: readonly string[] = [],
): void {
  if (accepted.includes(text)) return;
  const family = text.includes('%') ? 0 : isIP(text);
  if (family === 0) {
    const rule =
      withoutLeadingZeros(text) === undefined
        ? 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
        : 'must not have leading 0s';
    errors.push(invalid(path, text, rule));
  } else if (family === 6 && isMapped(text)) {
    errors.push(invalid(path, text, 'must not be an IPv4-mapped IPv6 address'));
  }
}

/** An IPv6 address in RFC 5952 form; any other text as it is. */
export function canonicalAddress(text: string): string {
  return isIP(text) === 6 ? new URL(`http://[${text}]/`).hostname.slice(1, -1) : text;
}

/** 4, 6, or 0 for what is no address. */
export const addressFamily = (text: string): number => isIP(text);

/** What to warn of in a valid address, if anything. */
export function addressWarnings(path: string, text: string): string[] {
  if (isIP(text) === 6 && canonicalAddress(text) !== text) {
    const form = JSON.stringify(canonicalAddress(text));
    return [`${path}: IPv6 address ${JSON.stringify(text)} should be in RFC 5952 canonical format (${form})`];
  }
  return [];
}

/** Checks address ranges (`10.0.0.0/24`): each strict, and no more than one for each family. */
export function validateCidrs(errors: FieldError[], path: string, ranges: readonly string[]): void {
  ranges.forEach((range, index) => {
    validateCidr(errors, `${path}[${index}]`, range);
  });
  const broken = ranges.length < 2 ? -1 : ranges.findIndex((range) => !isCidr(range));
  if (broken >= 0) {
    const why = `invalid CIDR[${broken}]: <nil> (invalid CIDR address: ${ranges[broken]})`;
    errors.push(internal(path, `invalid PodCIDRs. failed to check with dual stack with error:${why}`));
  }
  const families =
    broken >= 0 ? new Set<number>() : new Set(ranges.map((range) => isIP(range.split('/')[0] ?? '')));
  if (ranges.length > 1 && (ranges.length > 2 || families.size !== 2)) {
    errors.push(invalid(path, ranges, 'may specify no more than one CIDR for each IP family'));
  }
}

/** Whether a text is an address range, however it is written. */
function isCidr(range: string): boolean {
  const [address = '', length = '', ...more] = range.split('/');
  const family = isIP(address);
  const wellFormed = family !== 0 && more.length === 0 && /^[0-9]+$/.test(length);
  return wellFormed && Number(length) <= (family === 4 ? 32 : 128);
}

/** Checks one address range. */
export function validateCidr(errors: FieldError[], path: string, range: string): void {
  const [address = '', length = ''] = range.split('/');
  const family = isIP(address);
  const bits = Number(length);
  if (!isCidr(range)) {
    errors.push(invalid(path, range, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'));
  } else if (length !== String(bits)) {
    errors.push(invalid(path, range, 'must not have leading 0s in IP or prefix length'));
  } else if (isMapped(address)) {
    errors.push(invalid(path, range, 'must not have an IPv4-mapped IPv6 address'));
  } else if (hostBits(address, family, bits) !== 0n) {
    errors.push(invalid(path, range, 'must not have bits set beyond the prefix length'));
  }
}

function hostBits(address: string, family: number, prefix: number): bigint {
  const width = family === 4 ? 32 : 128;
  return numberOf(address, family) & ((1n << BigInt(width - prefix)) - 1n);
}

function numberOf(address: string, family: number): bigint {
  if (family === 4) return address.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
  const [head = '', tail] = canonicalAddress(address).split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const front = groups(head);
  const back = groups(tail ?? '');
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => '0');
  return [...front, ...zeros, ...back].reduce((sum, part) => (sum << 16n) | BigInt(`0x${part}`), 0n);
}
