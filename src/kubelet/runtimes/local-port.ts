/** Ports of pods that this machine reaches by itself, without help from the runtime. */
import { connect } from 'node:net';
import type { Clock } from '../../apimachinery/clock.ts';
import type { PortConnection } from '../../apimachinery/streaming/index.ts';
import { systemCodeOf } from '../../apimachinery/thrown.ts';
import { RuntimeError } from './runtime-error.ts';

/** Milliseconds that a pod on this machine may take to accept a connection. */
const CONNECT_MS_MAX = 1_000;

/**
 * Connects to a port of a host. Rejects with a RuntimeError, in the words of Go, when nobody listens: of kind `NotFound` when
 * the host says so itself, `Unavailable` when it cannot be reached.
 */
export function connectPort(host: string, port: number, clock: Clock): Promise<PortConnection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
    const timer = clock.after(CONNECT_MS_MAX, () => socket.destroy(new Error('i/o timeout')));
    const refuse = (error: Error): void => {
      timer.cancel();
      const isRefused = systemCodeOf(error) === 'ECONNREFUSED';
      const why = isRefused ? 'connection refused' : error.message;
      const kind = isRefused ? 'NotFound' : 'Unavailable';
      const text = `failed to connect to ${host}:${port}: dial tcp ${host}:${port}: connect: ${why}`;
      reject(new RuntimeError(kind, text, { cause: error }));
    };
    socket.once('error', refuse);
    socket.once('connect', () => {
      timer.cancel();
      socket.off('error', refuse);
      resolve(socket);
    });
  });
}
