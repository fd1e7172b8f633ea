/** Reads manifests: YAML or JSON files of one or many documents, or standard input for `-`. */
import { readFileSync } from 'node:fs';
import { integerOf } from '../../apimachinery/exact-json.ts';
import { isJsonObject, setMember } from '../../apimachinery/json.ts';
import { messageOf, systemCodeOf } from '../../apimachinery/thrown.ts';
import { UserError } from '../../cluster/index.ts';

/** One document of a manifest, with where it stands. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  /** The whole document; shape unchecked beyond apiVersion, kind and metadata being there. */
  readonly object: Readonly<Record<string, unknown>> & {
    readonly metadata: Readonly<Record<string, unknown>>;
  };
  /** `file:line`, for messages. */
  readonly where: string;
}

/** Aliases that one document may expand to, so that a small file cannot become a huge object. */
const ALIAS_COUNT_MAX = 100;

/**
 * The documents of those files, in order; `kind: List` is unfolded.
 *
 * @throws {UserError} naming file, line and column, when a file cannot be read or is not a manifest.
 */
export async function readManifests(files: readonly string[]): Promise<readonly Manifest[]> {
  const manifests: Manifest[] = [];
  for (const file of files)
    manifests.push(...(await parseManifests(readText(file), file === '-' ? 'stdin' : file)));
  if (manifests.length === 0) throw new UserError(`no objects in ${files.join(', ')}: nothing to do`);
  return manifests;
}

function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'ENOENT') throw new UserError(`${file}: no such file`);
    if (code === 'EISDIR') throw new UserError(`${file}: is a directory; name the files in it`);
    throw new UserError(`${file}: cannot be read: ${messageOf(error)}`);
  }
}

/** Parses a text of one or many documents; `name` stands for the file in messages. */
export async function parseManifests(text: string, name: string): Promise<readonly Manifest[]> {
  const { LineCounter, parseAllDocuments } = await import('yaml');
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    version: '1.1',
    merge: true,
    prettyErrors: false,
    intAsBigInt: true,
  });
  const manifests: Manifest[] = [];
  for (const document of 'empty' in documents ? [] : documents) {
    const fault = document.errors[0];
    if (fault !== undefined) {
      const at = lines.linePos(fault.pos[0]);
      throw new UserError(`${name}:${at.line}:${at.col}: not valid YAML: ${fault.message}`);
    }
    const start = document.contents?.range?.[0] ?? 0;
    const at = lines.linePos(start);
    const where = `${name}:${at.line}`;
    let content: unknown;
    try {
      content = withExactNumbers(document.toJS({ maxAliasCount: ALIAS_COUNT_MAX }));
    } catch (error) {
      throw new UserError(`${name}:${at.line}:${at.col}: ${messageOf(error)}`);
    }
    if (content !== null && content !== undefined) manifests.push(...unfold(content, where));
  }
  return manifests;
}

/** Whole numbers as the API takes them: exact, and plain numbers where those are. Changes what is given. */
function withExactNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') return integerOf(value.toString());
  if (typeof value !== 'object' || value === null) return value;
  const members = value as Record<string, unknown>;
  for (const [key, member] of Object.entries(members)) {
    const exact = withExactNumbers(member);
    if (exact !== member) setMember(members, key, exact);
  }
  return value;
}

function unfold(content: unknown, where: string): readonly Manifest[] {
  if (!isJsonObject(content))
    throw new UserError(`${where}: not a Kubernetes object: expected a mapping with apiVersion and kind`);
  const { apiVersion, kind, metadata } = content;
  for (const [field, value] of Object.entries({ apiVersion, kind })) {
    if (typeof value !== 'string' || value === '') throw new UserError(`${where}: ${field} is not set`);
  }
  if (kind === 'List' && Array.isArray(content['items'])) {
    return content['items'].flatMap((item) => unfold(item, where));
  }
  const object = { ...content, metadata: isJsonObject(metadata) ? metadata : {} };
  return [{ apiVersion: String(apiVersion), kind: String(kind), object, where }];
}
