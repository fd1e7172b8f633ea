/** The verbs about nodes on other machines: their options, and which file does the work. */
import type { Command } from 'commander';
import { durationOption } from '../flags/duration.ts';
import { addNodeFlags } from '../flags/node-flags.ts';
import type { ServerOptions } from '../flags/server-connection.ts';
import { addServerFlags } from '../flags/server-flags.ts';
import { wholeNumber } from '../flags/whole-number.ts';
import type { AgentVerbOptions } from './agent.ts';
import type { CreateOptions } from './token.ts';

/** Adds `agent` and `token` to the command. */
export function addNodeVerbs(root: Command): void {
  addAgentVerb(root);
  addTokenVerbs(root);
}

/** The verb of a machine that joins. */
function addAgentVerb(root: Command): void {
  const verb = root
    .command('agent')
    .description('join this machine to a server and run its pods here, until a signal; the pods outlive it')
    .requiredOption('--server <url>', 'address of the server')
    .option(
      '--token <token>',
      "bootstrap token, as 'longshore token create' prints it; for the first time only",
    )
    .option('--ca-cert-hash <hash>', "hash of the server's authority, printed with the token")
    .option('--ca-file <file>', "PEM of the server's authority, instead of its hash")
    .option('--node-name <name>', "name of this node (default: the host's)")
    .option(
      '--runtime <runtime>',
      'what runs the containers: auto, cri[=ENDPOINT], docker[=SOCKET], process, fake',
      'auto',
    )
    .option(
      '--data-dir <directory>',
      'where certificates, logs and volumes are kept (default: longshore/agent under the XDG data home)',
    )
    .option('--port <port>', 'port on which the server reaches this agent', wholeNumber, 10_250)
    .addOption(
      durationOption(
        '--lease-duration <duration>',
        "how long the node's lease lasts; it is renewed four times as often",
        '40s',
      ),
    )
    .option('-v, --verbose', 'log what the parts do, on stderr')
    .action(async (options: AgentVerbOptions) => {
      const { agent } = await import('./agent.ts');
      // As with the server: what hangs in a container must not keep this process.
      process.exit(await agent(options));
    });
  addNodeFlags(verb);
}

/** The verbs of whoever lets machines join. */
function addTokenVerbs(root: Command): void {
  const token = root
    .command('token')
    .description('make, list and delete the tokens with which machines join');
  const add = (name: string, text: string): Command => addServerFlags(token.command(name).description(text));
  add('create', 'make a token and print the command that joins a machine')
    .addOption(durationOption('--ttl <duration>', 'how long it can be used', '24h'))
    .option('--description <text>', 'what it is for')
    .option('--token-only', 'print the token alone')
    .action(async (options: CreateOptions) => {
      const { createToken } = await import('./token.ts');
      process.exitCode = await createToken(options);
    });
  add('list', 'list the tokens').action(async (options: ServerOptions) => {
    const { listTokens } = await import('./token.ts');
    process.exitCode = await listTokens(options);
  });
  add('delete', 'delete a token')
    .argument('<token>', 'the token, or the part before its dot')
    .action(async (id: string, options: ServerOptions) => {
      const { deleteToken } = await import('./token.ts');
      process.exitCode = await deleteToken(id, options);
    });
}
