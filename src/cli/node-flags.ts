/** Options about this machine's node, under the names of the kubelet's flags; whichever verb runs a node takes them. */
import type { Command } from 'commander';

/** Adds them to a verb. */
export function addNodeFlags(verb: Command): Command {
  return verb.option(
    '--sync-frequency <duration>',
    'how often mounted ConfigMaps, Secrets and tokens are looked at again (default: 1m)',
  );
}
