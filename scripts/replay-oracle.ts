/**
 * Replays the recorded answers of a real Kubernetes against `longshore up --runtime none` and fails when fewer cases pass
 * than docs/compatibility.md says. Usage: replay-oracle.ts [--only RE] [--out FILE] [RECORDING]
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..');

/** The number of cases that docs/compatibility.md promises. */
export function promisedCases(markdown: string): number {
  const found = /\*\*(\d+) of (\d+)\*\* recorded cases/.exec(markdown)?.[1];
  if (found === undefined)
    throw new Error("docs/compatibility.md lacks its line '**N of M** recorded cases'");
  return Number(found);
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { only: { type: 'string' }, out: { type: 'string' }, jobs: { type: 'string', default: '6' } },
  });
  const recording = resolve(positionals[0] ?? join(root, '../shared/oracle/kubernetes-1.36.json'));
  const tool = join(dirname(recording), '../tools/oracle.mjs');
  for (const file of [recording, tool]) if (!existsSync(file)) throw new Error(`${file} is not there`);

  const data = mkdtempSync(join(tmpdir(), 'longshore-oracle-'));
  const server = spawn(
    process.execPath,
    [
      join(root, 'bin/longshore.js'),
      'up',
      '--data-dir',
      data,
      '--port',
      '0',
      '--runtime',
      'none',
      '--no-merge-kubeconfig',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  try {
    for await (const line of createInterface({ input: server.stdout })) if (line.startsWith('ready ')) break;
    const replay = spawnSync(
      process.execPath,
      [
        tool,
        'replay',
        '--kubeconfig',
        join(data, 'kubeconfig'),
        '--jobs',
        values.jobs,
        ...(values.only === undefined ? [] : ['--only', values.only]),
        ...(values.out === undefined ? [] : ['--out', values.out]),
        recording,
      ],
      { encoding: 'utf8', maxBuffer: 2 ** 26 },
    );
    process.stdout.write(`${replay.stdout}\n${replay.stderr}\n`);
    if (values.only !== undefined) return replay.status ?? 1;
    const passed = Number(/(\d+) passed, \d+ failed/.exec(replay.stdout)?.[1] ?? 0);
    const promised = promisedCases(readFileSync(join(root, 'docs/compatibility.md'), 'utf8'));
    console.log(`oracle: ${passed} cases pass, ${promised} promised`);
    return passed >= promised ? 0 : 1;
  } finally {
    const ended = new Promise((done) => server.once('exit', done));
    server.kill('SIGTERM');
    await ended;
    rmSync(data, { recursive: true, force: true });
  }
}

if (import.meta.main) process.exitCode = await main();
