#!/usr/bin/env node
// The door of the package: finds a Node that can run the code (26 or newer) and hands over to the command.
// In a checkout the TypeScript sources run as they are; in the published package the compiled ones do.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

const NODE_MAJOR_MIN = 26;
const root = join(dirname(fileURLToPath(import.meta.url)), '..');

function nodeOfThePackage() {
  try {
    const found = nodeModule.createRequire(import.meta.url).resolve('node/bin/node');
    return existsSync(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN) {
  const source = join(root, 'src/cli/main.ts');
  const isSource = existsSync(source);
  const isAgent = process.argv[2] === 'agent';
  // The cache stays in memory as long as the process does, so that an agent, which starts once and lasts, takes the time
  // instead; from sources it would take much more, for they are not JavaScript yet.
  if (!isAgent || isSource) nodeModule.enableCompileCache?.();
  // V8 lets a heap grow to four times what lives in it before it looks for garbage; a server that shares its machine with
  // what it runs is better off with twice what lives. docs/performance.md has what that saves and costs.
  setFlagsFromString('--heap-growing-percent=100');
  // The megabytes of src/cluster/process/heap-size.ts, which takes care of the nursery once a server idles. Set here, since V8 asks
  // for it from its first collection on. An agent waits for most of its life, for little work at a time: what V8's
  // optimizing compilers, threads of its collector and a larger nursery take would not be earned back.
  const flags = isAgent
    ? [
        '--no-opt',
        '--no-maglev',
        '--single-threaded-gc',
        '--min-semi-space-size=1',
        '--max-semi-space-size=1',
      ]
    : ['--min-semi-space-size=16'];
  for (const flag of flags) setFlagsFromString(flag);
  await import(isSource ? source : join(root, 'dist/cli/main.js'));
} else {
  const node = nodeOfThePackage();
  if (node === undefined) {
    process.stderr.write(
      `longshore needs Node ${NODE_MAJOR_MIN} or newer, and this is ${process.version}: run 'npm ci' in the package, or install a newer Node.\n`,
    );
    process.exit(2);
  }
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    if (signal) process.kill(process.pid, signal);
    else process.exitCode = code ?? 1;
  });
}
