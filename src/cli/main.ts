/** The `longshore` command: names the verbs and loads the one that was asked for. */
import { Command, CommanderError } from 'commander';
import PACKAGE from '../../package.json' with { type: 'json' };
import { addCronVerbs } from './cron-verbs.ts';
import { durationOption } from './duration.ts';
import { EXIT_CODES_TEXT, EXIT_USAGE } from './exit-code.ts';
import { addImageVerbs } from './image-verbs.ts';
import { addJobVerbs } from './job-verbs.ts';
import { addNodeFlags } from './node-flags.ts';
import { addNodeVerbs } from './node-verbs.ts';
import { quietExperiments } from './quiet-experiments.ts';
import { report } from './report.ts';
import { wholeNumber } from './whole-number.ts';

function program(): Command {
  const root = new Command('longshore')
    .description('Kubernetes Jobs and CronJobs without the cluster')
    .version(PACKAGE.version, '-V, --version', 'print the version')
    .showHelpAfterError(false)
    .addHelpText('after', EXIT_CODES_TEXT)
    .exitOverride()
    .configureOutput({
      outputError: (text, write) =>
        write(`longshore: ${text.replace(/^error: /, '').trim()}; see 'longshore --help'\n`),
    });

  root
    .command('run')
    .description('run the Jobs of a manifest to their end, in this process, on a temporary data directory')
    .argument('<file...>', "manifests (YAML or JSON), or '-' for standard input")
    .option(
      '--runtime <runtime>',
      'what runs the containers: auto, cri[=ENDPOINT], docker[=SOCKET], process, fake, none',
      'auto',
    )
    .option('--fake-nodes <count>', 'number of nodes of the fake runtime (default: 1)', wholeNumber)
    .option('--keep', 'leave the data directory behind and print its path')
    .option('-n, --namespace <name>', 'namespace for objects that name none', 'default')
    .option('-o, --output <format>', "print the final Jobs on stdout: 'json'")
    .action(async (files: string[], options: object) => {
      const { run } = await import('./run.ts');
      process.exitCode = await run(files, options as Parameters<typeof run>[1]);
    });

  addNodeFlags(root.command('up'))
    .description('serve until a signal, on a lasting data directory')
    .option('--data-dir <directory>', 'where everything is kept (default: longshore under the XDG data home)')
    .option('--bind <address>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on; 0 picks one', wholeNumber, 6443)
    .option(
      '--kubeconfig <file>',
      "where to write the administrator's kubeconfig (default: in the data directory)",
    )
    .option('--no-merge-kubeconfig', "do not add the context 'longshore' to the user's kubeconfig")
    .option(
      '--runtime <runtime>',
      'what runs the containers: auto, cri[=ENDPOINT], docker[=SOCKET], process, fake, none',
      'auto',
    )
    .option('--fake-nodes <count>', 'number of nodes of the fake runtime (default: 1)', wholeNumber)
    .option('--store <backend>', 'sqlite (durable) or memory (gone with the process)', 'sqlite')
    .option(
      '--pod-security <level>',
      'what namespaces without labels ask of their pods: privileged, baseline or restricted',
      'privileged',
    )
    .option('--rotate-secrets-key', 'encrypt the stored Secrets anew with a new key')
    .addOption(
      durationOption(
        '--node-monitor-grace-period <duration>',
        'silence after which a node counts as unreachable',
        '40s',
      ),
    )
    .addOption(
      durationOption(
        '--pod-eviction-timeout <duration>',
        "how long a Job's pod stays on a node that is unreachable or not ready, unless the Job says so itself",
        '30s',
      ),
    )
    .addOption(
      durationOption(
        '--cluster-signing-duration <duration>',
        'life of the certificates that node agents and other clients are given; they renew theirs in time',
        '8760h',
      ),
    )
    .option('--no-audit', 'do not keep an audit log of the requests in the data directory')
    .option('-v, --verbose', 'log what the parts do, on stderr')
    .action(async (options: object) => {
      const { up } = await import('./up.ts');
      // Everything is closed by now; a command in a container that hangs must not keep this process.
      process.exit(await up(options as Parameters<typeof up>[0]));
    });

  root
    .command('down')
    .description('stop the running server and wait until it has ended')
    .option('--data-dir <directory>', 'its data directory (default: longshore under the XDG data home)')
    .action(async (options: object) => {
      const { down } = await import('./down.ts');
      process.exitCode = await down(options as Parameters<typeof down>[0]);
    });

  root
    .command('status')
    .description('tell whether a server runs, where, and what it is doing')
    .option('--data-dir <directory>', 'its data directory (default: longshore under the XDG data home)')
    .option('-o, --output <format>', "'json' for programs")
    .action(async (options: object) => {
      const { status } = await import('./status.ts');
      process.exitCode = await status(options as Parameters<typeof status>[0]);
    });

  addNodeVerbs(root);
  addJobVerbs(root);
  addImageVerbs(root);
  addCronVerbs(root);
  return root;
}

quietExperiments();
try {
  await program().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    if (error.code.startsWith('longshore.'))
      process.stderr.write(`longshore: ${error.message.replace(/^error: /, '')}\n`);
    // Help and version are answers; whatever else commander throws is a mistake in the call.
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
  } else process.exitCode = report(error);
}
