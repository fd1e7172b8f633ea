/** The verbs about the lasting server of this machine: their options, and which file does the work. */
import type { Command } from 'commander';
import { durationOption } from '../flags/duration.ts';
import { addNodeFlags } from '../flags/node-flags.ts';
import { addRuntimeFlags } from '../flags/runtime-flag.ts';
import { wholeNumber } from '../flags/whole-number.ts';

/** Adds `up`, `down` and `status`. */
export function addServerVerbs(root: Command): void {
  addUpVerb(root);
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
}

function addUpVerb(root: Command): void {
  const verb = addRuntimeFlags(root.command('up'))
    .description('serve until a signal, on a lasting data directory')
    .option('--data-dir <directory>', 'where everything is kept (default: longshore under the XDG data home)')
    .option('--bind <address>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on; 0 picks one', wholeNumber, 6443)
    .option(
      '--kubeconfig <file>',
      "where to write the administrator's kubeconfig (default: in the data directory)",
    )
    .option('--no-merge-kubeconfig', "do not add the context 'longshore' to the user's kubeconfig")
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
  addNodeFlags(verb);
}
