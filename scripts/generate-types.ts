/**
 * Writes the TypeScript types of every served kind from the structural schema in src/apis/openapi/definitions.json:
 * one `types.ts` for each API group, and the metadata types for apimachinery. Run `npm run generate` after the schema
 * changes; `npm run check` fails when the written files and this generator disagree.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { definitions } = JSON.parse(readFileSync(join(root, 'src/apis/openapi/definitions.json'), 'utf8')) as {
  definitions: Record<string, Schema>;
};

/** Kinds whose Go type marshals as something other than an object. */
const SCALARS: Readonly<Record<string, string>> = {
  'io.k8s.apimachinery.pkg.apis.meta.v1.Duration': 'string',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': 'string',
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': 'string',
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': 'Record<string, unknown>',
  'io.k8s.apimachinery.pkg.api.resource.Quantity': 'string',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': 'number | string',
  'io.k8s.apimachinery.pkg.runtime.RawExtension': 'unknown',
};

/** Stands among the used definitions for the type of whole numbers of 64 bits. */
const INT64 = 'Int64';

/** Fields of metadata that the API server always sets on an object that it returns. */
const ALWAYS_IN_META = new Set(['name', 'uid', 'resourceVersion', 'creationTimestamp']);

interface Home {
  readonly file: string;
  readonly title: string;
}

function homeOf(id: string): Home {
  if (id === INT64) return { file: 'src/apimachinery/exact-json.ts', title: '' };
  if (id.startsWith('io.k8s.apimachinery.')) {
    return { file: 'src/apimachinery/meta/types.ts', title: 'meta/v1' };
  }
  const match = /^io\.k8s\.(?:api|metrics\.pkg\.apis)\.([a-z]+)\.(v\d\w*)\./.exec(id);
  if (!match) throw new Error(`Cannot place the definition ${id}`);
  return { file: `src/apis/${match[1]}/types.ts`, title: `${match[1]}/${match[2]}` };
}

const nameOf = (id: string): string => id.slice(id.lastIndexOf('.') + 1);
const refOf = (ref: string): string => ref.replace('#/definitions/', '');

function typeOf(schema: Schema, uses: Set<string>): string {
  if (schema.$ref) {
    const id = refOf(schema.$ref);
    const scalar = SCALARS[id];
    if (scalar) return scalar;
    uses.add(id);
    return nameOf(id);
  }
  if (schema.enum && schema.type === 'string') {
    return schema.enum.map((value) => `'${value}'`).join(' | ');
  }
  switch (schema.type) {
    case 'string':
      return 'string';
    case 'integer':
      if (schema.format !== 'int64') return 'number';
      uses.add(INT64);
      return 'Int64';
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'array': {
      const item = typeOf(schema.items ?? {}, uses);
      return item.includes('|') ? `(${item})[]` : `${item}[]`;
    }
    case 'object':
      return `Record<string, ${typeOf(schema.additionalProperties ?? {}, uses)}>`;
    default:
      return 'unknown';
  }
}

function isKind(schema: Schema): boolean {
  const properties = schema.properties ?? {};
  return 'apiVersion' in properties && 'kind' in properties && 'metadata' in properties;
}

function render(id: string, schema: Schema, uses: Set<string>, title: string): string {
  const name = nameOf(id);
  const required = new Set(schema.required ?? []);
  if (name === 'ObjectMeta') for (const field of ALWAYS_IN_META) required.add(field);
  if (isKind(schema))
    for (const field of ['apiVersion', 'kind', 'metadata', 'spec', 'status']) required.add(field);
  const own = Object.entries(schema.properties ?? {}).map(([key, value]) => {
    // A template's metadata is what a user wrote, not what the server returned.
    const partial = key === 'metadata' && !isKind(schema) && value.$ref?.endsWith('.ObjectMeta');
    const quoted = /^[A-Za-z_$][\w$]*$/.test(key) ? key : `'${key}'`;
    return `  ${quoted}${required.has(key) ? '' : '?'}: ${partial ? `Partial<${typeOf(value, uses)}>` : typeOf(value, uses)};`;
  });
  const doc = `/** ${name} of ${title}, as the Kubernetes 1.36 API defines it. */`;
  return own.length === 0
    ? `${doc}\nexport type ${name} = Record<string, unknown>;`
    : `${doc}\nexport interface ${name} {\n${own.join('\n')}\n}`;
}

const files = new Map<string, { bodies: string[]; uses: Set<string>; title: string; own: Set<string> }>();
for (const [id, schema] of Object.entries(definitions)) {
  if (SCALARS[id]) continue;
  const home = homeOf(id);
  const entry = files.get(home.file) ?? { bodies: [], uses: new Set(), title: home.title, own: new Set() };
  entry.bodies.push(render(id, schema, entry.uses, home.title));
  entry.own.add(id);
  files.set(home.file, entry);
}

for (const [file, { bodies, uses, title, own }] of files) {
  const foreign = new Map<string, string[]>();
  for (const id of [...uses].filter((used) => !own.has(used)).sort()) {
    const target = homeOf(id).file;
    foreign.set(target, [...(foreign.get(target) ?? []), nameOf(id)]);
  }
  const imports = [...foreign].map(([target, names]) => {
    const path = relative(dirname(file), target);
    return `import type { ${names.join(', ')} } from '${path.startsWith('.') ? path : `./${path}`}';`;
  });
  const head = `// Written by scripts/generate-types.ts from src/apis/openapi/definitions.json (${title}). Do not edit.\n`;
  const text = `${head}${imports.length > 0 ? `${imports.join('\n')}\n` : ''}\n${bodies.join('\n\n')}\n`;
  mkdirSync(join(root, dirname(file)), { recursive: true });
  writeFileSync(join(root, file), text);
}
