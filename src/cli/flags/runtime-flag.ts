import type { Command } from 'commander';
import { wholeNumber } from './whole-number.ts';

/** Adds the options that say what runs the pods of a server of this process. */
export function addRuntimeFlags(verb: Command): Command {
  return verb
    .option(
      '--runtime <runtime>',
      'what runs the containers: auto, cri[=ENDPOINT], docker[=SOCKET], process, fake, none',
      'auto',
    )
    .option('--fake-nodes <count>', 'number of nodes of the fake runtime (default: 1)', wholeNumber);
}
