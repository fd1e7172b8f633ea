/**
 * A command over SPDY, both sides: streams `error`, `stdin`, `stdout`, `stderr` and `resize`, told apart by their header
 * `streamtype`. With protocol 4 the error stream holds a Status with the exit code. Source:
 * k8s.io/client-go/tools/remotecommand and k8s.io/cri-streaming.
 */
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Clock } from '../clock.ts';
import { newInternalError } from '../status-error.ts';
import { type CommandClient, relayCommand } from './command-relay.ts';
import { exitCodeOf, textOfStatus } from './exit-status.ts';
import type { RemoteProcess, TerminalSize, WantedStreams } from './remote-process.ts';
import { SpdyConnection, type SpdyStream } from './spdy/index.ts';
import { TerminalSizeReader, terminalSizeText } from './terminal-sizes.ts';

/** Protocols of a command over SPDY that are served, the best first. */
export const SPDY_COMMAND_PROTOCOLS: readonly string[] = [
  'v4.channel.k8s.io',
  'v3.channel.k8s.io',
  'v2.channel.k8s.io',
  'channel.k8s.io',
];
/** What a client asks for here. */
export const SPDY_COMMAND_PROTOCOL = 'v4.channel.k8s.io';

/** Milliseconds that a client gets to open its streams, as upstream. */
const STREAMS_MS_MAX = 30_000;
/** Milliseconds that a client gets to end its connection once it was told how the command ended. */
const FAREWELL_MS_MAX = 10_000;
/** Header that says what a stream is for. */
const STREAM_TYPE = 'streamtype';

type StreamType = 'error' | 'stdin' | 'stdout' | 'stderr' | 'resize';

/**
 * Asks for a command over a connection that was upgraded to SPDY with {@link SPDY_COMMAND_PROTOCOL}; the connection belongs
 * to the process from then on.
 *
 * @throws {SpdyError} when the other side will not.
 */
export async function openSpdyCommand(socket: Duplex, wanted: WantedStreams): Promise<RemoteProcess> {
  const connection = new SpdyConnection(socket, { side: 'client' });
  const open = async (type: StreamType, isWanted: boolean): Promise<SpdyStream | undefined> =>
    isWanted ? connection.open({ [STREAM_TYPE]: type }) : undefined;
  try {
    const error = await connection.open({ [STREAM_TYPE]: 'error' });
    const stdin = await open('stdin', wanted.stdin);
    const stdout = await open('stdout', wanted.stdout);
    const stderr = await open('stderr', wanted.stderr && !wanted.tty);
    const resize = await open('resize', wanted.tty);
    const exit = exitOf(error, connection);
    exit.catch(() => {}); // Whoever waits for it is told; nobody has to.
    return {
      ...(stdin === undefined ? {} : { stdin }),
      ...(stdout === undefined ? {} : { stdout }),
      ...(stderr === undefined ? {} : { stderr }),
      resize(size) {
        if (resize?.writable) resize.write(terminalSizeText(size));
      },
      exit,
      close() {
        connection.destroy();
      },
    };
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

async function exitOf(error: SpdyStream, connection: SpdyConnection): Promise<number> {
  const said = await text(error);
  if (said !== '') return exitCodeOf(said);
  // The other side says nothing only when it was cut off.
  await connection.closed;
  throw newInternalError('the connection to the process was lost');
}

/** What a client of SPDY asks for. */
export interface SpdyCommandRequest {
  /** One of {@link SPDY_COMMAND_PROTOCOLS}. */
  readonly protocol: string;
  readonly wanted: WantedStreams;
}

/** Serves a process to a client whose connection was upgraded to SPDY. Resolves when it is over; never rejects. */
export async function serveSpdyCommand(
  socket: Duplex,
  request: SpdyCommandRequest,
  process: RemoteProcess,
  clock: Clock,
): Promise<void> {
  const streams = new Map<string, SpdyStream>();
  const expected = expectedStreams(request);
  let complete = (): void => {};
  const allThere = new Promise<void>((resolve) => {
    complete = resolve;
  });
  const connection = new SpdyConnection(socket, {
    side: 'server',
    accept(stream) {
      const { [STREAM_TYPE]: type = '' } = stream.headers;
      if (!expected.has(type) || streams.has(type)) return false;
      streams.set(type, stream);
      if (streams.size === expected.size) complete();
      return true;
    },
  });
  const timer = clock.after(STREAMS_MS_MAX, () => connection.destroy(), { background: true });
  await Promise.race([allThere, connection.closed]);
  timer.cancel();
  await relayCommand(process, clientOf(connection, streams, request.protocol));
  const patience = clock.after(FAREWELL_MS_MAX, () => connection.destroy(), { background: true });
  await connection.closed;
  patience.cancel();
}

function expectedStreams({ protocol, wanted }: SpdyCommandRequest): ReadonlySet<string> {
  const resizable = protocol === 'v4.channel.k8s.io' || protocol === 'v3.channel.k8s.io';
  const types: readonly (readonly [StreamType, boolean])[] = [
    ['error', true],
    ['stdin', wanted.stdin],
    ['stdout', wanted.stdout],
    ['stderr', wanted.stderr && !wanted.tty],
    ['resize', wanted.tty && resizable],
  ];
  return new Set(types.filter(([, isExpected]) => isExpected).map(([type]) => type));
}

function clientOf(
  connection: SpdyConnection,
  streams: ReadonlyMap<string, SpdyStream>,
  protocol: string,
): CommandClient {
  const stdin = streams.get('stdin');
  const stdout = streams.get('stdout');
  const stderr = streams.get('stderr');
  return {
    ...(stdin === undefined ? {} : { stdin }),
    ...(stdout === undefined ? {} : { stdout }),
    ...(stderr === undefined ? {} : { stderr }),
    gone: connection.closed,
    onResize: (listener) => listenToSizes(streams.get('resize'), listener),
    finish(status) {
      streams.get('error')?.end(textOfStatus(status, protocol), () => connection.close());
    },
  };
}

function listenToSizes(stream: SpdyStream | undefined, listener: (size: TerminalSize) => void): void {
  const reader = new TerminalSizeReader();
  stream?.on('data', (block: Buffer) => {
    for (const size of reader.push(block)) listener(size);
  });
}
