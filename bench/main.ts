/**
 * `npm run bench [-- NAME…]`: measures, prints every figure with its goal and the machine, and fails when one is missed.
 * Names: start-up, fake-pods, thousand-jobs, hundred-thousand, cron-jobs, cron-next, containers, containers-at-work, api,
 * hostile-input, agent. Default: all.
 */
import { agent } from './agent.ts';
import { api } from './api.ts';
import { containers } from './containers.ts';
import { containersAtWork } from './containers-at-work.ts';
import { cronJobs } from './cron-jobs.ts';
import { cronNext } from './cron-next.ts';
import { fakePods, hundredThousand, thousandJobs } from './fake-pods.ts';
import { hostileInput } from './hostile-input.ts';
import { type Figure, figureLine, machineLine, reaches } from './machine.ts';
import { startUp } from './start-up.ts';

const BENCHES: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  'start-up': startUp,
  'fake-pods': fakePods,
  'thousand-jobs': thousandJobs,
  'hundred-thousand': hundredThousand,
  'cron-jobs': cronJobs,
  'cron-next': cronNext,
  containers,
  'containers-at-work': containersAtWork,
  api,
  'hostile-input': hostileInput,
  agent,
};

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(BENCHES);
console.log(machineLine());
let missed = 0;
for (const name of names) {
  const bench = BENCHES[name];
  if (bench === undefined) throw new Error(`unknown bench '${name}': use ${Object.keys(BENCHES).join(', ')}`);
  for (const figure of await bench()) {
    console.log(figureLine(figure));
    if (!reaches(figure)) missed += 1;
  }
}
if (missed > 0) process.exitCode = 1;
