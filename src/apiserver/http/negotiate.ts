import { StatusError } from '../../apimachinery/status-error.ts';

/** How an answer is to be shown. */
export interface Representation {
  readonly format: 'json' | 'yaml';
  /** Absent: the object itself. */
  readonly as?: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  /** Version of meta.k8s.io that `as` is wanted in. */
  readonly metaVersion: 'v1' | 'v1beta1';
  readonly pretty: boolean;
}

/** The answer to a client that does not say. */
export const PLAIN_JSON: Representation = { format: 'json', metaVersion: 'v1', pretty: false };

const TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const STREAMED = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];

interface Clause {
  readonly type: string;
  readonly quality: number;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The clauses of an Accept header, best first. */
export function parseAccept(header: string): readonly Clause[] {
  const clauses = header.split(',').map((text): Clause => {
    const [type = '', ...rest] = text.split(';').map((each) => each.trim());
    const parameters: Record<string, string> = {};
    let quality = 1;
    for (const each of rest) {
      const equals = each.indexOf('=');
      if (equals < 0) continue;
      const name = each.slice(0, equals).trim();
      const value = each
        .slice(equals + 1)
        .trim()
        .replace(/^"|"$/g, '');
      if (name === 'q') quality = Number(value) || 0;
      else parameters[name] = value;
    }
    return { type: type.toLowerCase(), quality, parameters };
  });
  return clauses.sort((a, b) => b.quality - a.quality);
}

/**
 * Chooses the representation that an Accept header asks for; throws 406 for one that asks for nothing we have.
 * `streamed`: the endpoint can be watched, which the 406 lists.
 */
export function negotiate(
  accept: string | undefined,
  parameters: Readonly<Record<string, string>>,
  userAgent: string | undefined,
  streamed = false,
): Representation {
  const pretty = wantsPretty(parameters, userAgent);
  if (accept === undefined || accept === '' || accept === '*/*' || accept === 'application/json') {
    return pretty ? { ...PLAIN_JSON, pretty } : PLAIN_JSON;
  }
  let known = false;
  for (const clause of parseAccept(accept)) {
    const format = formatOf(clause.type);
    if (format === undefined) {
      known ||= clause.type === 'application/vnd.kubernetes.protobuf';
      continue;
    }
    known = true;
    const { as, g = '', v = '', stream = '' } = clause.parameters;
    if (stream !== '' && stream !== 'watch') continue;
    if (as === undefined && g === '' && v === '') {
      return { format, metaVersion: 'v1', pretty: pretty || clause.parameters['pretty'] === '1' };
    }
    if (as !== 'Table' && as !== 'PartialObjectMetadata' && as !== 'PartialObjectMetadataList') continue;
    if (g !== 'meta.k8s.io' || (v !== 'v1' && v !== 'v1beta1')) continue;
    return { format, as, metaVersion: v, pretty: pretty || clause.parameters['pretty'] === '1' };
  }
  if (known) {
    throw new StatusError(
      406,
      'NotAcceptable',
      `only the following media types are accepted: ${TYPES.join(', ')}`,
    );
  }
  const all = streamed ? [...TYPES, ...STREAMED] : TYPES;
  throw new StatusError(
    406,
    'NotAcceptable',
    `406: Not Acceptable\n\nAvailable representations: ${all.join(', ')}`,
    {},
  );
}

function formatOf(type: string): 'json' | 'yaml' | undefined {
  if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'json';
  return type === 'application/yaml' ? 'yaml' : undefined;
}

/** People with curl or a browser get indented JSON unless they say otherwise. */
function wantsPretty(parameters: Readonly<Record<string, string>>, userAgent = ''): boolean {
  const { pretty } = parameters;
  if (pretty !== undefined && pretty !== '') return /^(?:1|t|T|true|TRUE|True)$/.test(pretty);
  return /^(?:curl|Wget|Mozilla\/5\.0)/.test(userAgent);
}
