/**
 * Fails when a file of src/ imports across rooms in a way that the table of ARCHITECTURE.md does not allow, when a room
 * lacks its row (or a row its room), or when relative imports form a cycle. Usage: check-imports.ts [ROOT]
 */
import { existsSync, globSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

/** The rooms of the table, each with the rooms that it may import. */
export function parseTable(markdown: string): Map<string, ReadonlySet<string>> {
  const rooms = new Map<string, ReadonlySet<string>>();
  for (const line of markdown.split('\n')) {
    const cells = line.split('|').map((cell) => cell.trim());
    const name = /^`([\w-]+)`$/.exec(cells[1] ?? '')?.[1];
    if (cells.length < 6 || name === undefined) continue;
    const allowed = (cells[4] ?? '').split(',').map((each) => each.trim());
    rooms.set(name, new Set(allowed.filter((each) => each !== '')));
  }
  return rooms;
}

const IMPORT =
  /^\s*(?:import|export)\b[^'"]*?\bfrom\s*['"](\.[^'"]+)['"]|\bimport\(\s*['"](\.[^'"]+)['"]\s*\)/gm;

/** The relative specifiers that a source text imports, with whether the import is of types alone. */
export function importsOf(source: string): readonly { readonly path: string; readonly typeOnly: boolean }[] {
  return [...source.matchAll(IMPORT)].map((match) => ({
    path: match[1] ?? match[2] ?? '',
    typeOnly: /^\s*(import|export)\s+type\b/.test(match[0]),
  }));
}

/** Every broken rule below `root`, a line each. */
export function check(root: string): readonly string[] {
  const table = parseTable(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8'));
  const src = join(root, 'src');
  const problems: string[] = [];
  const rooms = readdirSync(src).filter((name) => statSync(join(src, name)).isDirectory());
  for (const room of rooms) if (!table.has(room)) problems.push(`src/${room} has no row in ARCHITECTURE.md`);
  for (const room of table.keys())
    if (!rooms.includes(room)) problems.push(`ARCHITECTURE.md names ${room}, which is not in src/`);

  const graph = new Map<string, string[]>();
  for (const file of globSync('**/*.ts', { cwd: src })) {
    const room = file.split(sep)[0] ?? '';
    const isTest = file.endsWith('.test.ts');
    const targets: string[] = [];
    for (const { path, typeOnly } of importsOf(readFileSync(join(src, file), 'utf8'))) {
      const target = relative(src, resolve(src, dirname(file), path));
      if (target.startsWith('..')) {
        if (!isTest && !target.endsWith('package.json'))
          problems.push(`src/${file} imports ${path}, outside src/`);
        continue;
      }
      if (!existsSync(join(src, target))) problems.push(`src/${file} imports ${path}, which does not exist`);
      const other = target.split(sep)[0] ?? '';
      if (other !== room && !table.get(room)?.has(other)) {
        problems.push(`src/${file} imports ${target}: ${room} may not import ${other}`);
      }
      if (!typeOnly) targets.push(target);
    }
    graph.set(file, targets);
  }
  return [...problems, ...cyclesOf(graph)];
}

function cyclesOf(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const cycles: string[] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (file: string): void => {
    const at = trail.indexOf(file);
    if (at >= 0) {
      cycles.push(`import cycle: ${[...trail.slice(at), file].join(' → ')}`);
      return;
    }
    if (done.has(file)) return;
    trail.push(file);
    for (const target of graph.get(file) ?? []) visit(target);
    trail.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return cycles;
}

if (import.meta.main) {
  const problems = check(resolve(process.argv[2] ?? '.'));
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
  else console.log('imports: every room keeps to its row');
}
