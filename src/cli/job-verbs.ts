/** The verbs about one Job. */
import type { Command } from 'commander';

/** Adds `wait` and `why`. */
export function addJobVerbs(root: Command): void {
  const options = (command: Command): Command =>
    command
      .option('-n, --namespace <name>', 'namespace of the Job', 'default')
      .option('--kubeconfig <file>', 'the server to talk to (default: the one of the data directory)')
      .option('--data-dir <directory>', "the running server's data directory");
  options(root.command('wait'))
    .description('wait until a Job has ended: exit code 0 Complete, 1 Failed, 2 not within --timeout')
    .argument('<job>', 'job/NAME')
    .option('--timeout <span>', 'how long at most, such as 90s, 5m or 1h30m (default: for ever)')
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
