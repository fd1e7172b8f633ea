/** Rules for ports and for numbers of users and groups, answered as {@link file://./names.ts} does. */
import { byteLength, maxCharactersMessage, rangeMessage } from './messages.ts';

/** Greatest port number. */
const PORT_MAX = 65535;

/** Greatest uid and gid that Linux containers may ask for: 2³¹ − 1. */
const ID_MAX = 2147483647;

const PORT_NAME_LENGTH_MAX = 15;

/** A port number, 1 to 65535. */
export function validatePortNumber(value: number): readonly string[] {
  return value >= 1 && value <= PORT_MAX ? [] : [rangeMessage(1, PORT_MAX)];
}

/** The name of a port (RFC 6335): letters, digits and single dashes, at least one letter. */
export function validatePortName(value: string): readonly string[] {
  const wrongs: string[] = [];
  if (byteLength(value) > PORT_NAME_LENGTH_MAX) wrongs.push(maxCharactersMessage(PORT_NAME_LENGTH_MAX));
  if (!/^[-a-z0-9]+$/.test(value)) {
    wrongs.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(value)) wrongs.push('must contain at least one letter (a-z)');
  if (value.includes('--')) wrongs.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) wrongs.push('must not begin or end with a hyphen');
  return wrongs;
}

/** A numeric user. */
export function validateUserId(value: number): readonly string[] {
  return value >= 0 && value <= ID_MAX ? [] : [rangeMessage(0, ID_MAX)];
}

/** A numeric group. */
export function validateGroupId(value: number): readonly string[] {
  return validateUserId(value);
}
