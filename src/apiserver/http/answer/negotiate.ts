import { StatusError } from '../../../apimachinery/status-error.ts';

/** What an answer can be written in. */
export type Format = 'json' | 'yaml' | 'protobuf';

/** How an answer is to be shown. */
export interface Representation {
  readonly format: Format;
  /** Absent: the object itself. */
  readonly as?: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  /** Version of meta.k8s.io that `as` is wanted in. */
  readonly metaVersion: 'v1' | 'v1beta1';
  readonly pretty: boolean;
}

/** The answer to a client that does not say. */
export const PLAIN_JSON: Representation = { format: 'json', metaVersion: 'v1', pretty: false };

/** The media type of each format, the first choice first. */
export const MEDIA_TYPES: Readonly<Record<Format, string>> = {
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: 'application/vnd.kubernetes.protobuf',
};
const TYPES = Object.values(MEDIA_TYPES);
const STREAMED = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];

interface Clause {
  readonly type: string;
  /** The type as it was written. */
  readonly spelled: string;
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
    return { type: type.toLowerCase(), spelled: type, quality, parameters };
  });
  return clauses.sort((a, b) => b.quality - a.quality || Number(isWild(a)) - Number(isWild(b)));
}

function isWild({ type }: Clause): boolean {
  return type.endsWith('*');
}

/**
 * Chooses the representation that an Accept header asks for; throws 406 for one that asks for nothing we have.
 * `streamed`: the endpoint can be watched, which the 406 lists. `tables`: what it answers can be shown as a table.
 */
export function negotiate(
  accept: string | undefined,
  parameters: Readonly<Record<string, string>>,
  userAgent: string | undefined,
  streamed = false,
  tables = true,
): Representation {
  const pretty = wantsPretty(parameters, userAgent);
  if (accept === undefined || accept === '' || accept === '*/*' || accept === 'application/json') {
    return pretty ? { ...PLAIN_JSON, pretty } : PLAIN_JSON;
  }
  const clauses = parseAccept(accept);
  assertRouted(clauses, TYPES, streamed ? [...TYPES, ...STREAMED] : TYPES);
  return choose(clauses, pretty, tables ? TRANSFORMS : METADATA_ALONE) ?? refuse(TYPES);
}

/**
 * Upstream's router looks first, and knows of no parameters, of one wildcard and of one spelling: throws 406 for a header that has none of
 * `types`. `told`: the types that the answer lists.
 */
function assertRouted(clauses: readonly Clause[], types: readonly string[], told: readonly string[]): void {
  if (clauses.some(({ spelled }) => spelled === '*/*' || types.includes(spelled))) return;
  throw new StatusError(
    406,
    'NotAcceptable',
    `406: Not Acceptable\n\nAvailable representations: ${told.join(', ')}`,
    {},
  );
}

/** Throws 406 for an Accept header by which upstream's router does not find a path that answers those types. */
export function assertAccepts(accept: string | undefined, types: readonly string[] = TYPES): void {
  if (accept !== undefined && accept !== '') assertRouted(parseAccept(accept), types, types);
}

/** How a document of discovery is to be shown: all groups with their resources at once, or as each path has its own. */
export interface DocumentView extends Representation {
  readonly aggregated: boolean;
}

/** The version of apidiscovery.k8s.io that is served. */
export const AGGREGATED_VERSION = 'v2';

/**
 * Chooses how a document of discovery is shown; throws 406 for a header that asks for nothing we have.
 * `aggregable`: whether the path has the aggregated document too.
 */
export function negotiateDocument(accept: string | undefined, aggregable: boolean): DocumentView {
  if (accept === undefined || accept === '') return { ...PLAIN_JSON, aggregated: false };
  for (const { type, parameters } of parseAccept(accept)) {
    const format = formatOf(type);
    if (format === undefined) continue;
    const { as, g = '', v = '' } = parameters;
    const plain = as === undefined && g === '' && v === '';
    if (plain) return { ...PLAIN_JSON, format, aggregated: false };
    if (!aggregable || as !== 'APIGroupDiscoveryList') continue;
    if (g !== 'apidiscovery.k8s.io' || v !== AGGREGATED_VERSION) continue;
    return { ...PLAIN_JSON, format, aggregated: true };
  }
  return refuse(TYPES);
}

/** Chooses the representation of a watch; throws 406 as for a list, and for what cannot be streamed. */
export function negotiateWatch(
  accept: string | undefined,
  parameters: Readonly<Record<string, string>>,
): Representation {
  const chosen = negotiate(accept, parameters, undefined, true);
  return chosen.format === 'yaml' ? refuse(STREAMED) : chosen;
}

/** Chooses the representation of an error: what was asked for if it can be had, and else indented JSON. */
export function negotiateError(
  accept: string | undefined,
  parameters: Readonly<Record<string, string>>,
  userAgent: string | undefined,
): Representation {
  const pretty = wantsPretty(parameters, userAgent);
  if (accept === undefined || accept === '' || accept === '*/*' || accept === 'application/json') {
    return { ...PLAIN_JSON, pretty };
  }
  return choose(parseAccept(accept), pretty, NO_TRANSFORMS) ?? { ...PLAIN_JSON, pretty: true };
}

function refuse(types: readonly string[]): never {
  throw new StatusError(
    406,
    'NotAcceptable',
    `only the following media types are accepted: ${types.join(', ')}`,
  );
}

type Transform = NonNullable<Representation['as']>;
const METADATA_ALONE: ReadonlySet<Transform> = new Set([
  'PartialObjectMetadata',
  'PartialObjectMetadataList',
]);
const TRANSFORMS: ReadonlySet<Transform> = new Set([...METADATA_ALONE, 'Table']);
const NO_TRANSFORMS: ReadonlySet<Transform> = new Set();

/** The first clause that can be had, with those transforms. */
function choose(
  clauses: readonly Clause[],
  pretty: boolean,
  transforms: ReadonlySet<Transform>,
): Representation | undefined {
  for (const { type, parameters } of clauses) {
    const format = formatOf(type);
    if (format === undefined) continue;
    const { as, g = '', v = '', stream = '' } = parameters;
    if (stream !== '' && stream !== 'watch') continue;
    const indented = pretty || parameters['pretty'] === '1';
    if (as === undefined && g === '' && v === '') return { format, metaVersion: 'v1', pretty: indented };
    if (g !== 'meta.k8s.io' || (v !== 'v1' && v !== 'v1beta1')) continue;
    if (!isOneOf(transforms, as)) continue;
    // Upstream has no protobuf of tables.
    if (as === 'Table' && format === 'protobuf') continue;
    return { format, as, metaVersion: v, pretty: indented };
  }
  return undefined;
}

function isOneOf(transforms: ReadonlySet<Transform>, as: string | undefined): as is Transform {
  return (transforms as ReadonlySet<unknown>).has(as);
}

function formatOf(type: string): Format | undefined {
  switch (type) {
    case 'application/json':
    case 'application/*':
    case '*/*':
      return 'json';
    case 'application/yaml':
      return 'yaml';
    case 'application/vnd.kubernetes.protobuf':
      return 'protobuf';
    default:
      return undefined;
  }
}

/** People with curl or a browser get indented JSON unless they say otherwise. */
function wantsPretty(parameters: Readonly<Record<string, string>>, userAgent = ''): boolean {
  const { pretty } = parameters;
  if (pretty !== undefined && pretty !== '') return /^(?:1|t|T|true|TRUE|True)$/.test(pretty);
  return /^(?:curl|Wget|Mozilla\/5\.0)/.test(userAgent);
}
