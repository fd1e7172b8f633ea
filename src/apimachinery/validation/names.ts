/** The forms of names that Kubernetes knows, each as a function that answers what is wrong with a text: nothing, when it is valid. */

/** Bytes of the longest DNS label. */
const DNS_LABEL_LENGTH_MAX = 63;
/** Bytes of the longest DNS subdomain. */
const DNS_SUBDOMAIN_LENGTH_MAX = 253;
/** Bytes of the longest label value, and of the name part of a label key. */
const LABEL_LENGTH_MAX = 63;

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const LABEL_WITH_UNDERSCORE = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const SUBDOMAIN_WITH_UNDERSCORE = `${LABEL_WITH_UNDERSCORE}(\\.${LABEL_WITH_UNDERSCORE})*`;
const KEY = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE = `(${KEY})?`;
const CONFIG_KEY = '[-._a-zA-Z0-9]+';
const HEADER = '[-A-Za-z0-9]+';
const PERCENT = '[0-9]+%';
const HTTP_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";

const whole = (pattern: string): RegExp => new RegExp(`^${pattern}$`);
const labelPattern = whole(LABEL);
const label1035Pattern = whole(LABEL_1035);
const subdomainPattern = whole(SUBDOMAIN);
const subdomainWithUnderscorePattern = whole(SUBDOMAIN_WITH_UNDERSCORE);
const keyPattern = whole(KEY);
const labelValuePattern = whole(LABEL_VALUE);
const configKeyPattern = whole(CONFIG_KEY);
const headerPattern = whole(HEADER);
const percentPattern = whole(PERCENT);
const httpPathPattern = whole(HTTP_PATH);

const LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const LABEL_1035_RULE =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const SUBDOMAIN_WITH_UNDERSCORE_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character";
const KEY_RULE =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const LABEL_VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const RELAXED_ENV_NAME_RULE =
  "a valid environment variable name must consist only of printable ASCII characters other than '='";
const CONFIG_KEY_RULE = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
const HEADER_RULE = "a valid HTTP header must consist of alphanumeric characters or '-'";
const PERCENT_RULE = "a valid percent string must be a numeric string followed by an ending '%'";
const EMPTY = 'must be non-empty';

/** A rule that is a pattern, worded with examples as upstream words it. */
export function patternMessage(rule: string, pattern: string, ...examples: readonly string[]): string {
  if (examples.length === 0) return `${rule} (regex used for validation is '${pattern}')`;
  const shown = examples.map((example) => `'${example}', `).join(' or ');
  return `${rule} (e.g. ${shown}regex used for validation is '${pattern}')`;
}

/** What is said of a text that does not have its form; made once, because a hostile object has it said often. */
const LABEL_WRONG = patternMessage(LABEL_RULE, LABEL, 'my-name', '123-abc');
const LABEL_1035_WRONG = patternMessage(LABEL_1035_RULE, LABEL_1035, 'my-name', 'abc-123');
const SUBDOMAIN_WRONG = patternMessage(SUBDOMAIN_RULE, SUBDOMAIN, 'example.com');
const SUBDOMAIN_WITH_UNDERSCORE_WRONG = patternMessage(
  SUBDOMAIN_WITH_UNDERSCORE_RULE,
  SUBDOMAIN_WITH_UNDERSCORE,
  'example.com',
);
const KEY_WRONG = patternMessage(KEY_RULE, KEY, 'MyName', 'my.name', '123-abc');
const KEY_NAME_WRONG = `name part ${KEY_WRONG}`;
const LABEL_VALUE_WRONG = patternMessage(LABEL_VALUE_RULE, LABEL_VALUE, 'MyValue', 'my_value', '12345');
const CONFIG_KEY_WRONG = patternMessage(CONFIG_KEY_RULE, CONFIG_KEY, 'key.name', 'KEY_NAME', 'key-name');

/** That a text is too long, in the words that rules of names use. */
const tooManyCharacters = (maximum: number): string => `must be no more than ${maximum} characters`;
const tooManyBytes = (maximum: number): string => `must be no more than ${maximum} bytes`;
/** That a number is out of bounds. */
export const outOfRange = (least: number, most: number): string =>
  `must be between ${least} and ${most}, inclusive`;

/** Length in bytes of UTF-8, which is what Go counts; quick for the usual ASCII. */
export function byteLength(text: string): number {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return Buffer.byteLength(text);
  return text.length;
}

/** RFC 1123 label: a pod's container, a namespace. */
export function validateDns1123Label(text: string): string[] {
  const wrongs: string[] = [];
  if (byteLength(text) > DNS_LABEL_LENGTH_MAX) wrongs.push(tooManyCharacters(DNS_LABEL_LENGTH_MAX));
  if (labelPattern.test(text)) return wrongs;
  wrongs.push(subdomainPattern.test(text) ? 'must not contain dots' : LABEL_WRONG);
  return wrongs;
}

/** RFC 1123 subdomain: the name of most objects. */
export function validateDns1123Subdomain(text: string): string[] {
  return subdomainWrongs(text, tooManyCharacters);
}

function subdomainWrongs(text: string, tooLong: (maximum: number) => string): string[] {
  const wrongs: string[] = [];
  if (byteLength(text) > DNS_SUBDOMAIN_LENGTH_MAX) wrongs.push(tooLong(DNS_SUBDOMAIN_LENGTH_MAX));
  if (!subdomainPattern.test(text)) wrongs.push(SUBDOMAIN_WRONG);
  return wrongs;
}

/** RFC 1123 subdomain whose labels may hold underscores: a DNS search path. */
export function validateDns1123SubdomainWithUnderscore(text: string): string[] {
  const wrongs: string[] = [];
  if (byteLength(text) > DNS_SUBDOMAIN_LENGTH_MAX) wrongs.push(tooManyCharacters(DNS_SUBDOMAIN_LENGTH_MAX));
  if (!subdomainWithUnderscorePattern.test(text)) {
    wrongs.push(SUBDOMAIN_WITH_UNDERSCORE_WRONG);
  }
  return wrongs;
}

/** RFC 1035 label: a service. */
export function validateDns1035Label(text: string): string[] {
  const wrongs: string[] = [];
  if (byteLength(text) > DNS_LABEL_LENGTH_MAX) wrongs.push(tooManyCharacters(DNS_LABEL_LENGTH_MAX));
  if (!label1035Pattern.test(text)) {
    wrongs.push(LABEL_1035_WRONG);
  }
  return wrongs;
}

/** Label key: a name with an optional DNS subdomain before a slash. Also of finalizers, conditions and resources. */
export function validateQualifiedName(text: string): string[] {
  const parts = text.split('/');
  if (parts.length > 2) {
    return [
      `a valid label key ${KEY_WRONG} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const wrongs: string[] = [];
  const name = parts[parts.length - 1] ?? '';
  if (parts.length === 2) {
    const prefix = parts[0] ?? '';
    if (prefix === '') wrongs.push(`prefix part ${EMPTY}`);
    else wrongs.push(...subdomainWrongs(prefix, tooManyBytes).map((wrong) => `prefix part ${wrong}`));
  }
  if (name === '') wrongs.push(`name part ${EMPTY}`);
  else if (byteLength(name) > LABEL_LENGTH_MAX) wrongs.push(`name part ${tooManyBytes(LABEL_LENGTH_MAX)}`);
  if (!keyPattern.test(name)) {
    wrongs.push(KEY_NAME_WRONG);
  }
  return wrongs;
}

/** Value of a label. */
export function validateLabelValue(text: string): string[] {
  const wrongs: string[] = [];
  if (byteLength(text) > LABEL_LENGTH_MAX) wrongs.push(tooManyBytes(LABEL_LENGTH_MAX));
  if (!labelValuePattern.test(text)) {
    wrongs.push(LABEL_VALUE_WRONG);
  }
  return wrongs;
}

/** Name of an environment variable: any printable ASCII but `=`. */
export function validateRelaxedEnvVarName(text: string): string[] {
  if (text === '') return [`environment variable name ${EMPTY}`];
  return /^[ -<>-~]+$/.test(text) ? [] : [RELAXED_ENV_NAME_RULE];
}

/** Key of a ConfigMap or a Secret. */
export function validateConfigMapKey(text: string): string[] {
  const wrongs: string[] = [];
  if (byteLength(text) > DNS_SUBDOMAIN_LENGTH_MAX) wrongs.push(tooManyCharacters(DNS_SUBDOMAIN_LENGTH_MAX));
  if (!configKeyPattern.test(text)) {
    wrongs.push(CONFIG_KEY_WRONG);
  }
  wrongs.push(...parentDirectoryWrongs(text));
  return wrongs;
}

function parentDirectoryWrongs(text: string): string[] {
  if (text === '.') return ["must not be '.'"];
  if (text === '..') return ["must not be '..'"];
  return text.startsWith('..') ? ["must not start with '..'"] : [];
}

/** Name of an HTTP header. */
export function validateHttpHeaderName(text: string): string[] {
  return headerPattern.test(text) ? [] : [patternMessage(HEADER_RULE, HEADER, 'X-Header-Name')];
}

/** A percentage such as `25%`. */
export function validatePercent(text: string): string[] {
  return percentPattern.test(text) ? [] : [patternMessage(PERCENT_RULE, PERCENT, '1%', '93%')];
}

/** What follows the slash of a domain-prefixed path (RFC 3986). */
export function validateHttpPath(text: string): string[] {
  return httpPathPattern.test(text) ? [] : [patternMessage('Invalid path', HTTP_PATH)];
}

/** IANA service name of a port (RFC 6335, lower case). */
export function validatePortName(text: string): string[] {
  const wrongs: string[] = [];
  if (byteLength(text) > 15) wrongs.push(tooManyCharacters(15));
  if (!/^[-a-z0-9]+$/.test(text)) {
    wrongs.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(text)) wrongs.push('must contain at least one letter (a-z)');
  if (text.includes('--')) wrongs.push('must not contain consecutive hyphens');
  if (text.startsWith('-') || text.endsWith('-')) wrongs.push('must not begin or end with a hyphen');
  return wrongs;
}

/** A segment of a URL path: names of roles and role bindings. With `prefix`, more letters may follow. */
export function validatePathSegmentName(text: string, prefix = false): string[] {
  if (!prefix && (text === '.' || text === '..')) return [`may not be '${text}'`];
  return ['/', '%'].filter((letter) => text.includes(letter)).map((letter) => `may not contain '${letter}'`);
}
