/** Rules for IP addresses, strict as of Kubernetes 1.36: no leading zeros, no IPv4 dressed up as IPv6. */
import { isIP, isIPv4 } from 'node:net';
import { type FieldError, invalid } from '../../apimachinery/field-error.ts';

const MAPPED = /^(?:0{0,4}:)*:?(?:0{0,4}:)*ffff:/i;

/** `010.002.003.004` as people meant it, undefined when it is no such thing. */
function withoutLeadingZeros(text: string): string | undefined {
  if (!/^[0-9]{1,}(?:\.[0-9]+){3}$/.test(text)) return undefined;
  const plain = text.replace(/\b0+(?=[0-9])/g, '');
  return plain !== text && isIPv4(plain) ? plain : undefined;
}

function isMapped(text: string): boolean {
  return isIP(text) === 6 && MAPPED.test(text) && canonicalAddress(text).startsWith('::ffff:');
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
