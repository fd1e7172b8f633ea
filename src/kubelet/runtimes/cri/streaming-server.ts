/**
 * The runtime's own server for streams, to which CRI leads by a URL that is good for one request: SPDY/3.1 over HTTP/1.1,
 * which containerd and CRI-O have spoken from their beginning (their WebSockets cannot close standard input).
 */
import type { Duplex } from 'node:stream';
import { request } from '../../../apimachinery/node-http.ts';
import {
  openSpdyCommand,
  openSpdyPort,
  type PortConnection,
  type RemoteProcess,
  SPDY_COMMAND_PROTOCOL,
  SPDY_PORT_PROTOCOL,
  type WantedStreams,
} from '../../../apimachinery/streaming/index.ts';
import { messageOf } from '../../../apimachinery/thrown.ts';
import { RuntimeError } from '../runtime-error.ts';

/** Bytes of a refusal that are read. */
const REFUSAL_BYTES_MAX = 16 * 1024;

/** The command or container behind a URL of `Exec` or `Attach`. Rejects with a RuntimeError. */
export function openCommand(url: string, wanted: WantedStreams): Promise<RemoteProcess> {
  return orRuntimeError(async () => openSpdyCommand(await upgrade(url, SPDY_COMMAND_PROTOCOL), wanted));
}

/** A connection to a port of the sandbox behind a URL of `PortForward`. Rejects with a RuntimeError. */
export function openPort(url: string, port: number): Promise<PortConnection> {
  return orRuntimeError(async () => openSpdyPort(await upgrade(url, SPDY_PORT_PROTOCOL), port));
}

function upgrade(url: string, protocol: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      method: 'POST',
      headers: { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': protocol },
    });
    asked.once('upgrade', (_answer, socket, head) => {
      socket.setNoDelay(true);
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    asked.once('response', (answer) => {
      let said = '';
      answer.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(0, REFUSAL_BYTES_MAX);
      });
      answer.once('close', () => reject(new Error(`${answer.statusCode}: ${said}`)));
    });
    asked.once('error', reject);
    asked.end();
  });
}

async function orRuntimeError<Value>(act: () => Promise<Value>): Promise<Value> {
  try {
    return await act();
  } catch (error) {
    const why = messageOf(error);
    throw new RuntimeError('Failed', `the runtime's server for streams: ${why}`, { cause: error });
  }
}
