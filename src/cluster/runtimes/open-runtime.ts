/** Opens the runtime that `--runtime` chooses, or says why not and what to do. */
import { join } from 'node:path';
import { invariant } from '../../apimachinery/invariant.ts';
import type { ComponentContext } from '../../client/index.ts';
import { newFakeRuntime, type Owner, OwnerRegister, openOwner, type Runtime } from '../../kubelet/index.ts';
import { UserError } from '../user-error.ts';
import { type EnginePlace, enginesOf, firstThatAnswers, placesOf } from './engines.ts';
import type { RuntimeChoice } from './runtime-choice.ts';

/** How a runtime is opened, and for whom. */
export interface RuntimeOrder {
  readonly choice: RuntimeChoice;
  readonly context: ComponentContext;
  /** The node agent's. */
  readonly directory: string;
  /** Whether pods are to end with this process, however it ends. */
  readonly endsWithProcess: boolean;
}

/** A runtime that answers. */
export interface OpenedRuntime {
  readonly runtime: Runtime;
  /** What the user should be told once: what was passed over for it, and its own warnings. */
  readonly notices: readonly string[];
}

/** Opens the runtime of the choice; undefined for `none`. @throws {UserError} when it does not answer. */
export async function openRuntime(order: RuntimeOrder): Promise<OpenedRuntime | undefined> {
  const { choice, context } = order;
  switch (choice.kind) {
    case 'none':
      return undefined;
    case 'fake':
      return alone(newFakeRuntime(context.clock));
    case 'process':
      return alone(await openProcessRuntime(order));
    case 'cri':
    case 'docker':
      return openEngine(order, choice.kind, choice.endpoint);
    case 'auto':
      return openAnyRuntime(order);
  }
}

const alone = (runtime: Runtime): OpenedRuntime => ({ runtime, notices: runtime.traits.warnings });

/** The engine at that socket, or at the first of its usual ones that answers. */
async function openEngine(
  order: RuntimeOrder,
  kind: 'cri' | 'docker',
  socket: string | undefined,
): Promise<OpenedRuntime> {
  const [engine] = enginesOf(kind);
  invariant(engine !== undefined, `no engine is known for the runtime ${kind}`);
  const places = socket === undefined ? await placesOf([engine]) : [{ engine, endpoint: socket }];
  const { answer, passedOver } = await openFirst(order, places);
  if (answer !== undefined) return withNotices(answer, passedOver);
  const missing = `no ${engine.name} socket at ${(await engine.places()).join(', ')}`;
  throw new UserError(
    `${passedOver.length === 0 ? missing : passedOver.join('; ')}: start ${engine.name}, or name another socket with '--runtime ${engine.option}', or use '--runtime process'`,
  );
}

/** containerd, CRI-O, Docker, then Podman, at each of their usual sockets; processes of this machine when none answers. */
async function openAnyRuntime(order: RuntimeOrder): Promise<OpenedRuntime> {
  const { answer, passedOver } = await openFirst(order, await placesOf(enginesOf('auto')));
  return withNotices(answer ?? (await openProcessRuntime(order)), passedOver);
}

function openFirst(order: RuntimeOrder, places: readonly EnginePlace[]) {
  const { clock, log } = order.context;
  return firstThatAnswers(places, ({ engine, endpoint }) =>
    engine.open({ endpoint, owner: ownerOf(order), clock, log }),
  );
}

const withNotices = (runtime: Runtime, passedOver: readonly string[]): OpenedRuntime => ({
  runtime,
  notices: [...passedOver.map((why) => `Passed over: ${why}`), ...runtime.traits.warnings],
});

async function openProcessRuntime(order: RuntimeOrder): Promise<Runtime> {
  const [{ newProcessRuntime }, { Cgroups }] = await Promise.all([
    import('../../kubelet/runtimes/process/index.ts'),
    import('../../kubelet/cgroups/index.ts'),
  ]);
  const { clock, random } = order.context;
  const owner = ownerOf(order);
  const limited = (await Cgroups.find(clock)) !== undefined;
  return newProcessRuntime({ directory: join(order.directory, 'process'), clock, random, owner, limited });
}

/** Runtimes are shared with other servers: what is in the directory tells this one's pods from theirs. */
function ownerOf({ directory, endsWithProcess, context: { random, log } }: RuntimeOrder): Owner {
  const owner = openOwner({ directory, endsWithProcess, random });
  // Nobody else makes what the register is for.
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return owner;
  try {
    new OwnerRegister().enter(owner);
  } catch (error) {
    log.warn(
      { error },
      'the register of servers cannot be written: other servers will not clear up after this one',
    );
  }
  return owner;
}
