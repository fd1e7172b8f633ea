/** Ports of pods that have no network of their own: they are this machine's. */
import { connect } from 'node:net';
import type { PortConnection } from '../../apimachinery/streaming/index.ts';
import { RuntimeError } from './runtime.ts';

/** Connects to a port of this machine. Rejects with a RuntimeError, in the words of Go, when nobody listens. */
export function connectLocally(port: number): Promise<PortConnection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: 'localhost', port, allowHalfOpen: true, noDelay: true });
    socket.once('connect', () => {
      socket.off('error', refuse);
      resolve(socket);
    });
    const refuse = (error: Error): void => {
      const why = 'code' in error && error.code === 'ECONNREFUSED' ? 'connection refused' : error.message;
      const text = `failed to connect to localhost:${port}: dial tcp 127.0.0.1:${port}: connect: ${why}`;
      reject(new RuntimeError('Failed', text, { cause: error }));
    };
    socket.once('error', refuse);
  });
}
