import type { Command } from 'commander';

/** Adds the options by which a verb finds the server that it talks to; see server-connection.ts. */
export function addServerFlags(verb: Command): Command {
  return verb
    .option('--kubeconfig <file>', 'the server to talk to, and as whom (default: the one that runs here)')
    .option(
      '--data-dir <directory>',
      'data directory of the server that runs here (default: longshore under the XDG data home)',
    );
}
