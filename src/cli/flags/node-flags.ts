/** Options about this machine's node, under the names of the kubelet's flags; whichever verb runs a node takes them. */
import { type Command, Option } from 'commander';
import { wholeNumber } from './whole-number.ts';

/** Adds them to a verb. The defaults that the help names are those of the kubelet. */
export function addNodeFlags(verb: Command): Command {
  return verb
    .optionsGroup('The node of this machine (docs/pods.md):')
    .option(
      '--sync-frequency <duration>',
      'how often mounted ConfigMaps and Secrets are looked at again (default: 1m)',
    )
    .option(
      '--pod-max-pids <count>',
      'how many processes and threads a pod may have (default: no limit)',
      wholeNumber,
    )
    .option('--container-log-max-size <amount>', "size at which a container's log is rotated (default: 10Mi)")
    .option(
      '--container-log-max-files <count>',
      "how many files of a container's log are kept (default: 5)",
      wholeNumber,
    )
    .option(
      '--eviction-hard <thresholds>',
      'when pods are evicted (default: memory.available<100Mi,nodefs.available<5%,nodefs.inodesFree<5%)',
    )
    .option(
      '--eviction-pressure-transition-period <duration>',
      'how long a pressure is told after it has gone (default: 5m)',
    )
    .option(
      '--image-gc-high-threshold <percent>',
      'disk usage above which unused images are removed (default: 85)',
      wholeNumber,
    )
    .option(
      '--image-gc-low-threshold <percent>',
      'disk usage down to which they are removed (default: 80)',
      wholeNumber,
    )
    .option(
      '--minimum-image-ttl-duration <duration>',
      'how long an unused image stays at least (default: 2m)',
    )
    .option(
      '--system-reserved <amounts>',
      "what pods may not have, such as 'cpu=500m,memory=1Gi' (default: nothing)",
    )
    .addOption(
      new Option(
        '--extended-resource <list>',
        "devices of this machine, such as 'nvidia.com/gpu=2', or CDI names or paths with a comma between two; may be repeated",
      )
        .argParser((value: string, before: readonly string[]) => [...before, value])
        .default([], 'none'),
    );
}
