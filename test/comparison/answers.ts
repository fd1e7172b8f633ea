/** Compares two servers' answers, but for what no two servers have alike: uids, times, revisions and names by chance. */
import { isDeepStrictEqual } from 'node:util';
import { isJsonObject } from '../../src/apimachinery/json.ts';
import type { Answer } from './server.ts';

/** Where two answers part, and what stands there in each. */
export interface Difference {
  readonly path: string;
  readonly reference: unknown;
  readonly ours: unknown;
}

/** Members whose values a server gives by chance. */
const BY_CHANCE = new Set([
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'clusterIP',
  'clusterIPs',
  'nodePort',
  'healthCheckNodePort',
]);
const UID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;
const TIME = /\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| \+0000 UTC)( m=\+[\d.]+)?/g;
/** The name of a pod's volume for its account's token, and what tells a client's certificate. */
const MADE_UP = /(?<=\bkube-api-access-)[a-z0-9]{5}\b|(?<=\bX509SHA256=)[0-9a-f]{64}\b/g;
const REVISION = /(?<=\bresourceVersion\\*":\\*"|\bResourceVersion in record \()\d+/g;
const THIS_YEAR = String(new Date().getUTCFullYear());

/** What servers make up within a text. */
export function madeUp(text: string): readonly string[] {
  return text.match(MADE_UP) ?? [];
}

/** Without what chance gave; `generated` matches the names that were made from a prefix. */
function plain(value: unknown, generated: RegExp | undefined, name = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => plain(item, generated, name));
    return name === 'causes' ? items.map((item) => JSON.stringify(item)).sort() : items;
  }
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value)
        // What a column is for is told in our own words.
        .filter(([key]) => !(key === 'description' && name === 'columnDefinitions'))
        .map(([key, member]) => [key, plain(member, generated, key)]),
    );
  }
  if (typeof value === 'number') return BY_CHANCE.has(name) && value !== 0 ? 1 : value;
  if (typeof value !== 'string') return value;
  if (BY_CHANCE.has(name) && value !== '' && value !== 'None') return '…';
  const text = value
    .replace(UID, 'UID')
    .replace(MADE_UP, '…')
    .replace(REVISION, '…')
    .replace(TIME, (time) => (time.startsWith(THIS_YEAR) && !time.includes('-01-01T') ? 'NOW' : time));
  const told = generated === undefined ? text : text.replace(generated, '$1?????');
  // Errors about the members of a map come in the order in which Go goes through it, which is none.
  return name === 'message'
    ? told
        .split(/(?<=\[|, )(?=[\w.]+[^ ]*: )/)
        .map(bare)
        .sort()
        .join()
    : told;
}

/** One of several errors without what parts it from the next. */
const bare = (error: string): string => error.replace(/(, |\])$/, '');

/** Names with the prefix that the request asks for, which is cut to leave room for five letters (upstream: names.go). */
function generatedNames(body: string): RegExp | undefined {
  const prefix = /"generateName":"((?:[^"\\]|\\.)*)"/.exec(body)?.[1];
  if (prefix === undefined) return undefined;
  const start = (JSON.parse(`"${prefix}"`) as string).slice(0, 58);
  return new RegExp(
    `(${start.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')})[bcdfghjklmnpqrstvwxz2456789]{5}(?![a-z0-9])`,
    'g',
  );
}

/** The first place where the answers to that body differ; undefined when they agree. */
export function firstDifference(reference: Answer, ours: Answer, body: string): Difference | undefined {
  const generated = generatedNames(body);
  const [left, right] = [reference, ours].map((answer) =>
    plain({ ...answer, body: samplesOf(answer.body) }, generated),
  );
  return differing(left, right, '');
}

/** Of a list what both servers have: the samples. Lists say also how old they and their servers are. */
function samplesOf(body: unknown): unknown {
  if (!isJsonObject(body)) return body;
  const { items, rows } = body;
  if (Array.isArray(items)) return { ...body, metadata: {}, items: items.filter(isSample) };
  if (!Array.isArray(rows)) return body;
  const own = (rows as unknown[])
    .filter(isJsonObject)
    .filter((row) => isSample(row['object']) || isSampleRow(row));
  return {
    ...body,
    metadata: {},
    rows: own.map((row) => ({ ...row, cells: (row['cells'] as unknown[]).map(withoutAge) })),
  };
}

const SAMPLE = /^sample(-namespace|-node|-new)?$/;
const isSample = (object: unknown): boolean =>
  isJsonObject(object) && isJsonObject(object['metadata']) && SAMPLE.test(String(object['metadata']['name']));
const isSampleRow = ({ cells }: Readonly<Record<string, unknown>>): boolean =>
  Array.isArray(cells) && SAMPLE.test(String(cells[0]));
const withoutAge = (cell: unknown): unknown =>
  typeof cell === 'string' && /^(\d+[smhdy])+( ago)?$/.test(cell) ? 'AGE' : cell;

function differing(reference: unknown, ours: unknown, path: string): Difference | undefined {
  if (isDeepStrictEqual(reference, ours)) return undefined;
  const bothLists = Array.isArray(reference) && Array.isArray(ours);
  if (!bothLists && !(isJsonObject(reference) && isJsonObject(ours))) return { path, reference, ours };
  const left = reference as Readonly<Record<string, unknown>>;
  const right = ours as Readonly<Record<string, unknown>>;
  for (const name of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const found = differing(left[name], right[name], `${path}.${bothLists ? '*' : name}`);
    if (found !== undefined) return found;
  }
  return { path: `${path} (order)`, reference, ours };
}
