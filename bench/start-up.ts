/** How long a server takes to answer, and what it costs while nothing happens. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '../test/harness/server.ts';
import { type Figure, median } from './machine.ts';
import { processorSeconds, residentMebibytes } from './process-figures.ts';

const RUNS = 5;
const IDLE_SECONDS = 20;

/** Milliseconds from the start of the process to `ready`, first and later starts; idle memory and processor share. */
export async function startUp(): Promise<readonly Figure[]> {
  const first: number[] = [];
  const later: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const data = mkdtempSync(join(tmpdir(), 'longshore-bench-'));
    for (const times of [first, later]) {
      const server = await startServer(['--runtime', 'process'], data);
      times.push(server.readyMs);
      await server.stop();
    }
    rmSync(data, { recursive: true, force: true });
  }
  await using server = await startServer(['--runtime', 'process']);
  const pid = server.process.pid ?? 0;
  await new Promise((resolve) => setTimeout(resolve, 5000));
  const before = processorSeconds(pid);
  await new Promise((resolve) => setTimeout(resolve, IDLE_SECONDS * 1000));
  const share = ((processorSeconds(pid) - before) / IDLE_SECONDS) * 100;
  return [
    {
      name: 'up to ready, first start on a directory',
      value: median(first),
      unit: 'ms',
      goal: { atMost: 600 },
    },
    { name: 'up to ready, later starts', value: median(later), unit: 'ms', goal: { atMost: 600 } },
    { name: 'idle resident memory', value: residentMebibytes(pid), unit: 'MB', goal: { atMost: 120 } },
    { name: `idle processor share over ${IDLE_SECONDS} s`, value: share, unit: '%', goal: { atMost: 0.5 } },
  ];
}
