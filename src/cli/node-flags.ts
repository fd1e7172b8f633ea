/** Options about this machine's node, under the names of the kubelet's flags; whichever verb runs a node takes them. */
import type { Command } from 'commander';
import { wholeNumber } from './whole-number.ts';

/** Adds them to a verb. */
export function addNodeFlags(verb: Command): Command {
  return verb
    .option('--sync-frequency <duration>', 'how often mounted ConfigMaps and Secrets are looked at again')
    .option('--container-log-max-size <amount>', "size at which a container's log is set aside")
    .option('--container-log-max-files <count>', "files that are kept of a container's log", wholeNumber)
    .option(
      '--eviction-hard <thresholds>',
      "when pods are evicted: 'memory.available<100Mi,nodefs.available<5%'",
    )
    .option(
      '--eviction-pressure-transition-period <duration>',
      'how long a pressure is told after it has gone',
    )
    .option(
      '--image-gc-high-threshold <percent>',
      'disk usage above which unused images are removed',
      wholeNumber,
    )
    .option('--image-gc-low-threshold <percent>', 'disk usage down to which they are', wholeNumber)
    .option('--minimum-image-ttl-duration <duration>', 'how long an unused image stays at least')
    .option('--system-reserved <amounts>', "what pods may not have: 'cpu=500m,memory=1Gi'")
    .option(
      '--extended-resource <list>',
      "devices of this machine: 'nvidia.com/gpu=2', or CDI names or paths, a comma between two; may be repeated",
      (value: string, before: readonly string[]) => [...before, value],
      [],
    );
}
