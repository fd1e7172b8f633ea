/**
 * Streams to processes and ports elsewhere: what exec, attach and port-forward are about, below the API and above the
 * runtimes. Upstream: k8s.io/streaming, k8s.io/apimachinery/pkg/util/{httpstream,remotecommand,portforward}.
 *
 * The interface is {@link RemoteProcess} and {@link PortConnection}; `relayCommand` joins a process with a client. The rest
 * is SPDY/3.1, which kubectl (for port-forward, and as its fallback), containerd and CRI-O speak: over any stream of bytes,
 * so that sockets stay with whoever owns them.
 *
 * A server that starts needs none of it: who has to know a refusal takes `stream-refusal.ts`, and loads the rest when the
 * first stream comes.
 */
export { type CommandClient, relayCommand } from './command-relay.ts';
export { type ExitStatus, statusOfFailure } from './exit-status.ts';
export { joinPort } from './port-relay.ts';
export type {
  PortConnection,
  RemoteProcess,
  TerminalSize,
  WantedStreams,
} from './remote-process.ts';
export {
  openSpdyCommand,
  SPDY_COMMAND_PROTOCOL,
  SPDY_COMMAND_PROTOCOLS,
  type SpdyCommandRequest,
  serveSpdyCommand,
} from './spdy-command.ts';
export { type OpenPort, openSpdyPort, SPDY_PORT_PROTOCOL, serveSpdyPorts } from './spdy-ports.ts';
export { StreamRefusal } from './stream-refusal.ts';
export { TerminalSizeReader } from './terminal-sizes.ts';
