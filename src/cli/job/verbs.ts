/** The verbs about Jobs: their options, and which file does the work. */
import type { Command } from 'commander';
import { addRuntimeFlags } from '../flags/runtime-flag.ts';
import { addServerFlags } from '../flags/server-flags.ts';

/** Adds `run`. */
export function addRunVerb(root: Command): void {
  addRuntimeFlags(root.command('run'))
    .description('run the Jobs of a manifest to their end, in this process, on a temporary data directory')
    .argument('<file...>', "manifests (YAML or JSON), or '-' for standard input")
    .option('--keep', 'leave the data directory behind and print where it is')
    .option('-n, --namespace <name>', 'namespace for objects that name none', 'default')
    .option('-o, --output <format>', "print the final Jobs on stdout: 'json'")
    .action(async (files: string[], options: object) => {
      const { run } = await import('./run.ts');
      process.exitCode = await run(files, options as Parameters<typeof run>[1]);
    });
}

/** Adds `wait` and `why`. */
export function addJobVerbs(root: Command): void {
  const options = (command: Command): Command =>
    addServerFlags(command.option('-n, --namespace <name>', 'namespace of the Job', 'default'));
  options(root.command('wait'))
    .description('wait until a Job has ended: exit code 0 Complete, 1 Failed, 2 not within --timeout')
    .argument('<job>', 'job/NAME')
    .option('--timeout <duration>', 'how long at most, such as 90s, 5m or 1h30m (default: for ever)')
    .action(async (target: string, given: object) => {
      const { wait } = await import('./wait.ts');
      process.exitCode = await wait(target, given as Parameters<typeof wait>[1]);
    });
  options(root.command('why'))
    .description('tell in sentences why a Job is where it is')
    .argument('<job>', 'job/NAME')
    .action(async (target: string, given: object) => {
      const { why } = await import('./why.ts');
      process.exitCode = await why(target, given as Parameters<typeof why>[1]);
    });
}
