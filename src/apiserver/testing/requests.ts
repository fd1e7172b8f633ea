import type { ApiRequest, Transport } from '../../apimachinery/api-request.ts';
import { StatusError } from '../../apimachinery/status-error.ts';
import type { WatchEvent } from '../../apimachinery/watch-event.ts';
import { IN_YARD } from './gadgets.ts';

/** An answer as tests look into it. */
export interface Seen {
  readonly code: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at answers of every shape.
  readonly body: any;
  readonly warnings: readonly string[];
}

/** Sends a request about gadgets and answers what came back, a StatusError too. */
export async function ask(
  transport: Transport,
  request: Partial<ApiRequest> & Pick<ApiRequest, 'verb'>,
): Promise<Seen> {
  try {
    const answer = await transport.send({ ...IN_YARD, ...request });
    if (answer.kind !== 'object') throw new Error('a stream came back');
    return { code: answer.code, body: answer.object, warnings: answer.warnings ?? [] };
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return { code: error.code, body: error.status, warnings: [] };
  }
}

/** A gadget as a client writes it. */
export function gadget(name: string, spec: object = {}, metadata: object = {}): object {
  return {
    apiVersion: 'demo.example.com/v1',
    kind: 'Gadget',
    metadata: { name, ...metadata },
    spec,
  };
}

/** What a watch told so far. */
export interface Told {
  readonly events: WatchEvent[];
  /** `ADDED name@revision`, in order. */
  readonly lines: string[];
  ended: boolean;
  reason: StatusError | undefined;
  stop(): void;
}

/** Opens a watch over the gadgets of `yard` and notes what it tells. */
export async function follow(
  transport: Transport,
  parameters: Record<string, string> = {},
  more: Partial<ApiRequest> = {},
): Promise<Told> {
  const told: Told = { events: [], lines: [], ended: false, reason: undefined, stop: () => {} };
  const watch = await transport.watch(
    { ...IN_YARD, verb: 'watch', parameters, ...more },
    {
      next(events) {
        for (const event of events) {
          told.events.push(event);
          told.lines.push(
            `${event.type} ${event.object.metadata.name ?? ''}@${event.object.metadata.resourceVersion}`,
          );
        }
      },
      end(reason) {
        told.ended = true;
        told.reason = reason;
      },
    },
  );
  told.stop = () => watch.stop();
  return told;
}

/** Lets everything that is ready now run. */
export async function turns(count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn++) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}
