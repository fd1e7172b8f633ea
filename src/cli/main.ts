/**
 * The `longshore` command: names the verbs and loads the one that was asked for.
 *
 * A group of verbs has a folder each (`job`, `cronjob`, `image`, `server`, `node`), in which `verbs.ts` has the options and
 * another file does a verb's work. What several verbs have in common: `flags` (options, and what they name), `progress`
 * (what is shown while a verb waits), `wording` (the state of objects in words).
 */
import { Command, CommanderError } from 'commander';
import PACKAGE from '../../package.json' with { type: 'json' };
import { addCronVerbs } from './cronjob/verbs.ts';
import { EXIT_CODES_TEXT, EXIT_USAGE } from './exit-code.ts';
import { addImageVerbs } from './image/verbs.ts';
import { addJobVerbs, addRunVerb } from './job/verbs.ts';
import { addNodeVerbs } from './node/verbs.ts';
import { quietExperiments } from './quiet-experiments.ts';
import { report } from './report.ts';
import { addServerVerbs } from './server/verbs.ts';

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

  root.commandsGroup('Jobs:');
  addRunVerb(root);
  addJobVerbs(root);
  root.commandsGroup('CronJobs:');
  addCronVerbs(root);
  root.commandsGroup('Images:');
  addImageVerbs(root);
  root.commandsGroup('Servers and nodes:');
  addServerVerbs(root);
  addNodeVerbs(root);
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
