/** A command over the channels of a WebSocket: 0 to 2 are its streams, 3 tells how it ended, 4 takes the terminal's sizes. */
import type { WebSocket } from 'ws';
import { newInternalError, StatusError } from '../../apimachinery/status-error.ts';
import { textOfStatus } from '../../apimachinery/streaming/exit-status.ts';
import {
  type CommandClient,
  type ExitStatus,
  type RemoteProcess,
  relayCommand,
  statusOfFailure,
  TerminalSizeReader,
  type WantedStreams,
} from '../../apimachinery/streaming/index.ts';
import { ChannelSocket } from './channel-socket.ts';

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const STATUS = 3;
const RESIZE = 4;

/** Serves a process to the client of a WebSocket. Resolves when the connection has ended; never rejects. */
export async function serveWebSocketCommand(
  socket: WebSocket,
  protocol: string,
  wanted: WantedStreams,
  process: RemoteProcess,
): Promise<void> {
  const channels = new ChannelSocket(socket, protocol);
  const stderr = wanted.stderr && !wanted.tty;
  const sizes = channels.input(RESIZE);
  const client: CommandClient = {
    ...(wanted.stdin ? { stdin: channels.input(STDIN) } : {}),
    ...(wanted.stdout ? { stdout: channels.output(STDOUT) } : {}),
    ...(stderr ? { stderr: channels.output(STDERR) } : {}),
    gone: channels.gone,
    onResize(listener) {
      const reader = new TerminalSizeReader();
      sizes.on('data', (block: Buffer) => {
        for (const size of reader.push(block)) listener(size);
      });
    },
    finish(status) {
      channels.send(STATUS, Buffer.from(textOfStatus(status, protocol)));
      channels.close();
    },
  };
  // An empty message on the first channel that can have one tells the client that its command is there.
  channels.send(wanted.stdout ? STDOUT : stderr ? STDERR : STATUS, Buffer.alloc(0));
  await relayCommand(
    process,
    client,
    protocol === 'v5.channel.k8s.io' ? statusWithinStatus : statusOfFailure,
  );
  await channels.gone;
}

/** Protocol 5 is translated from 4 upstream, which wraps one error in another: clients see both beginnings. */
function statusWithinStatus(error: unknown): ExitStatus {
  const inner = error instanceof StatusError ? error : newInternalError(error);
  return statusOfFailure(newInternalError(inner));
}
