/** Two thousand questions about schedules, asked of `longshore cron next --stdin` as a program asks them. */
import { execute, LONGSHORE } from '../test/harness/server.ts';
import { type Figure, median } from './machine.ts';

const LINES = 2_000;
const RUNS = 5;
const SCHEDULES = [
  '*/15 * * * *',
  '30 2 * * 1-5',
  '0 0 29 2 *',
  '@monthly',
  '0 0 31 2 *',
  '@every 90m',
  '0 0 13 * 5',
];
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'Pacific/Apia',
];
const DAY_MS = 86_400_000;

/** Seconds from the start of the command to its end, six times computed for each line. */
export async function cronNext(): Promise<readonly Figure[]> {
  const questions = Array.from({ length: LINES }, (_, at) =>
    JSON.stringify({
      schedule: SCHEDULES[at % SCHEDULES.length],
      timeZone: ZONES[at % ZONES.length],
      from: new Date(Date.UTC(2020, 0, 1) + at * DAY_MS).toISOString(),
    }),
  );
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const begin = performance.now();
    const { code, stdout } = await execute(process.execPath, [LONGSHORE, 'cron', 'next', '--stdin'], {
      input: questions.join('\n'),
    });
    times.push((performance.now() - begin) / 1000);
    const answers = stdout.trim().split('\n').length;
    if (code !== 0 || answers !== LINES) throw new Error(`${answers} of ${LINES} answers, exit code ${code}`);
  }
  return [{ name: "'cron next --stdin', 2,000 lines", value: median(times), unit: 's', goal: { atMost: 2 } }];
}
