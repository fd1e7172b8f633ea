/** Registers the verbs about CronJobs: `cron next`, `trigger`, `history`. */
import type { Command } from 'commander';
import { addServerFlags } from '../flags/server-flags.ts';
import { wholeNumber } from '../flags/whole-number.ts';

/** Adds them to the command. */
export function addCronVerbs(root: Command): void {
  const namespace = ['-n, --namespace <name>', 'namespace of the CronJob', 'default'] as const;
  const json = ['-o, --output <format>', "'json' for programs"] as const;

  root
    .command('cron')
    .description('look at schedules; needs no server')
    .command('next')
    .description('print the next times of a schedule and what it means')
    .argument('[schedule]', "a CronJob's schedule, such as '*/15 9-17 * * mon-fri'")
    .option('--timezone <name>', "IANA time zone (default: the machine's)")
    .option('--from <time>', 'print the times after this RFC 3339 time (default: now)')
    .option('--count <count>', 'how many times', wholeNumber, 6)
    .option(...json)
    .option('--stdin', 'answer JSON lines {"schedule","timeZone","from"} from standard input, one line each')
    .action(async (schedule: string | undefined, options: object) => {
      const { cronNext } = await import('./cron-next.ts');
      process.exitCode = await cronNext(schedule, options as Parameters<typeof cronNext>[1]);
    });

  addServerFlags(root.command('trigger'))
    .description("start a run of a CronJob now and print its Job's name")
    .argument('<cronjob>', 'cronjob/NAME')
    .option(...namespace)
    .option('--follow', 'print its logs, wait for its end, and exit with its result')
    .action(async (target: string, options: object) => {
      const { trigger } = await import('./trigger.ts');
      process.exitCode = await trigger(target, options as Parameters<typeof trigger>[1]);
    });

  addServerFlags(root.command('history'))
    .description('list the runs of a CronJob, with those that were missed and why')
    .argument('<cronjob>', 'cronjob/NAME')
    .option(...namespace)
    .option(...json)
    .action(async (target: string, options: object) => {
      const { history } = await import('./history.ts');
      process.exitCode = await history(target, options as Parameters<typeof history>[1]);
    });
}
