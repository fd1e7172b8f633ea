/** Rules for names. Each answers what is wrong with a value, in Kubernetes' words; an empty list means nothing is. */
import { byteLength, EMPTY, maxCharactersMessage, maxLengthMessage, regexMessage } from './messages.ts';

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const LABEL_UNDERSCORE = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const SUBDOMAIN_UNDERSCORE = `${LABEL_UNDERSCORE}(\\.${LABEL_UNDERSCORE})*`;
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE = `(${QUALIFIED})?`;
const HEADER = '[-A-Za-z0-9]+';
const ENV_NAME = '[-._a-zA-Z][-._a-zA-Z0-9]*';
const CONFIG_KEY = '[-._a-zA-Z0-9]+';
const C_IDENTIFIER = '[A-Za-z_][A-Za-z0-9_]*';

const whole = (pattern: string): RegExp => new RegExp(`^${pattern}$`);
const labelPattern = whole(LABEL);
const subdomainPattern = whole(SUBDOMAIN);
const subdomainUnderscorePattern = whole(SUBDOMAIN_UNDERSCORE);
const label1035Pattern = whole(LABEL_1035);
const qualifiedPattern = whole(QUALIFIED);
const labelValuePattern = whole(LABEL_VALUE);
const headerPattern = whole(HEADER);
const envNamePattern = whole(ENV_NAME);
const configKeyPattern = whole(CONFIG_KEY);
const identifierPattern = whole(C_IDENTIFIER);

/** Greatest length of a DNS label, bytes (RFC 1123). */
export const DNS_LABEL_LENGTH_MAX = 63;

/** Greatest length of a DNS subdomain, bytes (RFC 1123). */
export const DNS_SUBDOMAIN_LENGTH_MAX = 253;

function check(
  value: string,
  maximum: number,
  tooLong: string,
  pattern: RegExp,
  message: string,
): readonly string[] {
  const long = value.length * 3 > maximum && byteLength(value) > maximum;
  if (!long && pattern.test(value)) return NONE;
  const wrongs: string[] = [];
  if (long) wrongs.push(tooLong);
  if (!pattern.test(value)) wrongs.push(message);
  return wrongs;
}

const NONE: readonly string[] = [];

const LABEL_MESSAGE = regexMessage(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  LABEL,
  'my-name',
  '123-abc',
);

/** A DNS label by RFC 1123: names of namespaces, containers, volumes. */
export function validateDns1123Label(value: string): readonly string[] {
  const message = subdomainPattern.test(value) ? 'must not contain dots' : LABEL_MESSAGE;
  return check(value, DNS_LABEL_LENGTH_MAX, maxLengthMessage(DNS_LABEL_LENGTH_MAX), labelPattern, message);
}

const SUBDOMAIN_MESSAGE = regexMessage(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  SUBDOMAIN,
  'example.com',
);

/** A DNS subdomain by RFC 1123: names of most objects. */
export function validateDns1123Subdomain(value: string): readonly string[] {
  const tooLong = maxLengthMessage(DNS_SUBDOMAIN_LENGTH_MAX);
  return check(value, DNS_SUBDOMAIN_LENGTH_MAX, tooLong, subdomainPattern, SUBDOMAIN_MESSAGE);
}

const SUBDOMAIN_UNDERSCORE_MESSAGE = regexMessage(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
  SUBDOMAIN_UNDERSCORE,
  'example.com',
);

/** A DNS subdomain whose labels may begin with an underscore: search domains of a pod. */
export function validateDns1123SubdomainWithUnderscore(value: string): readonly string[] {
  return check(
    value,
    DNS_SUBDOMAIN_LENGTH_MAX,
    maxLengthMessage(DNS_SUBDOMAIN_LENGTH_MAX),
    subdomainUnderscorePattern,
    SUBDOMAIN_UNDERSCORE_MESSAGE,
  );
}

const LABEL_1035_MESSAGE = regexMessage(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  LABEL_1035,
  'my-name',
  'abc-123',
);

/** A DNS label by RFC 1035, which does not begin with a digit: names of services. */
export function validateDns1035Label(value: string): readonly string[] {
  return check(
    value,
    DNS_LABEL_LENGTH_MAX,
    maxLengthMessage(DNS_LABEL_LENGTH_MAX),
    label1035Pattern,
    LABEL_1035_MESSAGE,
  );
}

const QUALIFIED_MESSAGE = regexMessage(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  QUALIFIED,
  'MyName',
  'my.name',
  '123-abc',
);

/** `name` or `prefix/name`: keys of labels, names of finalizers, condition types, resources. */
export function validateQualifiedName(value: string): readonly string[] {
  const parts = value.split('/');
  if (parts.length > 2) {
    return [
      `a valid label key ${QUALIFIED_MESSAGE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const wrongs: string[] = [];
  const name = parts.at(-1) ?? '';
  const prefix = parts.length === 2 ? parts[0] : undefined;
  if (prefix === '') wrongs.push(`prefix part ${EMPTY}`);
  else if (prefix !== undefined) {
    for (const wrong of validateDns1123Subdomain(prefix)) wrongs.push(`prefix part ${wrong}`);
  }
  if (name === '') wrongs.push(`name part ${EMPTY}`);
  else if (byteLength(name) > DNS_LABEL_LENGTH_MAX) {
    wrongs.push(`name part ${maxLengthMessage(DNS_LABEL_LENGTH_MAX)}`);
  }
  if (!qualifiedPattern.test(name)) wrongs.push(`name part ${QUALIFIED_MESSAGE}`);
  return wrongs;
}

const LABEL_VALUE_MESSAGE = regexMessage(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  LABEL_VALUE,
  'MyValue',
  'my_value',
  '12345',
);

/** The value of a label. */
export function validateLabelValue(value: string): readonly string[] {
  return check(
    value,
    DNS_LABEL_LENGTH_MAX,
    maxLengthMessage(DNS_LABEL_LENGTH_MAX),
    labelValuePattern,
    LABEL_VALUE_MESSAGE,
  );
}

/** The name of an HTTP header of a probe. */
export function validateHttpHeaderName(value: string): readonly string[] {
  if (headerPattern.test(value)) return NONE;
  return [
    regexMessage(
      "a valid HTTP header must consist of alphanumeric characters or '-'",
      HEADER,
      'X-Header-Name',
    ),
  ];
}

/** The name of an environment variable by the strict rule. */
export function validateEnvVarName(value: string): readonly string[] {
  const wrongs: string[] = [];
  if (!envNamePattern.test(value)) {
    wrongs.push(
      regexMessage(
        "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
        ENV_NAME,
        'my.env-name',
        'MY_ENV.NAME',
        'MyEnvName1',
      ),
    );
  }
  return [...wrongs, ...parentDirectory(value)];
}

/** The name of an environment variable by the relaxed rule (KEP-4369): printable ASCII without `=`. */
export function validateRelaxedEnvVarName(value: string): readonly string[] {
  if (value === '') return [`environment variable name ${EMPTY}`];
  if (/^[\x20-\x3c\x3e-\x7e]*$/.test(value)) return NONE;
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

/** A key of a ConfigMap or Secret. */
export function validateConfigMapKey(value: string): readonly string[] {
  const wrongs: string[] = [];
  if (byteLength(value) > DNS_SUBDOMAIN_LENGTH_MAX)
    wrongs.push(maxCharactersMessage(DNS_SUBDOMAIN_LENGTH_MAX));
  if (!configKeyPattern.test(value)) {
    wrongs.push(
      regexMessage(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        CONFIG_KEY,
        'key.name',
        'KEY_NAME',
        'key-name',
      ),
    );
  }
  return [...wrongs, ...parentDirectory(value)];
}

function parentDirectory(value: string): readonly string[] {
  if (value === '.') return ["must not be '.'"];
  if (value === '..') return ["must not be '..'"];
  return value.startsWith('..') ? ["must not start with '..'"] : NONE;
}

/** An identifier of C: names of variables made from services. */
export function validateCIdentifier(value: string): readonly string[] {
  if (identifierPattern.test(value)) return NONE;
  return [
    regexMessage(
      "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
      C_IDENTIFIER,
      'my_name',
      'MY_NAME',
      'MyName',
    ),
  ];
}

/** A name that is one segment of a URL path: names of RBAC objects. */
export function validatePathSegmentName(value: string, prefix = false): readonly string[] {
  if (!prefix && (value === '.' || value === '..')) return [`may not be '${value}'`];
  return ['/', '%'].filter((letter) => value.includes(letter)).map((letter) => `may not contain '${letter}'`);
}
