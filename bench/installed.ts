/** The package as a user has it after `npm install`: compiled, in a node_modules of its own. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CHECKOUT = join(import.meta.dirname, '..');

/** A package that lies there until it is disposed. */
export interface Installed {
  /** The command's file. */
  readonly command: string;
  [Symbol.dispose](): void;
}

/** Compiles this checkout, packs it as `npm publish` would, and unpacks it beside the libraries that the checkout has. */
export function installPackage(): Installed {
  const directory = mkdtempSync(join(tmpdir(), 'longshore-installed-'));
  const modules = join(directory, 'node_modules');
  mkdirSync(modules);
  const run = (program: string, ...args: readonly string[]): string =>
    execFileSync(program, args, { cwd: CHECKOUT, encoding: 'utf8' });
  const packed = JSON.parse(run('npm', 'pack', '--silent', '--json', '--pack-destination', directory)) as
    | readonly { readonly filename: string }[]
    | Readonly<Record<string, { readonly filename: string }>>;
  // npm 11 answers with a list, npm 12 with a member for each package.
  const [{ filename } = { filename: '' }] = Object.values(packed);
  const own = join(modules, 'longshore');
  mkdirSync(own);
  execFileSync('tar', ['-xzf', join(directory, filename), '-C', own, '--strip-components=1']);
  const libraries = join(CHECKOUT, 'node_modules');
  for (const name of readdirSync(libraries)) {
    if (!name.startsWith('.')) symlinkSync(join(libraries, name), join(modules, name));
  }
  return {
    command: join(own, 'bin/longshore.js'),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }),
  };
}
