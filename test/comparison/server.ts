/** One of the two servers that are asked the same. */
import { Agent, request } from 'node:https';
import { systemClock } from '../../src/apimachinery/clock.ts';
import { readAccess } from '../../src/client/index.ts';

/** What a server answered, as far as two servers can agree on it. */
export interface Answer {
  /** 0 for none: the body then says what became of the connection. */
  readonly code: number;
  readonly warnings: readonly string[];
  /** Parsed, when it is JSON. */
  readonly body: unknown;
}

/** A request's body with its type. */
export interface Body {
  readonly type: string;
  readonly text: string;
}

/** A server that a kubeconfig leads to. */
export interface Server {
  /** @param accept the form in which to answer; default JSON */
  send(method: string, path: string, body?: Body, accept?: string): Promise<Answer>;
  close(): void;
}

/** Longest time in milliseconds for an answer. */
const ANSWER_MS_MAX = 30_000;
/** Requests that one server is asked at the same time. */
const SOCKETS_MAX = 8;

/** @throws {KubeconfigError} for a file that leads nowhere */
export async function connect(kubeconfig: string): Promise<Server> {
  const { server, ca, cert, key, token } = await readAccess(kubeconfig, systemClock);
  const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS_MAX, ca, cert, key });
  const bearer = typeof token === 'function' ? token() : token;
  return {
    send: (method, path, body, accept = 'application/json') =>
      new Promise((resolve) => {
        const headers: Record<string, string> = { Accept: accept };
        if (bearer !== undefined) headers['Authorization'] = `Bearer ${bearer}`;
        if (body !== undefined) {
          headers['Content-Type'] = body.type;
          headers['Content-Length'] = String(Buffer.byteLength(body.text));
        }
        const sent = request(
          new URL(path, server),
          { method, headers, agent, signal: AbortSignal.timeout(ANSWER_MS_MAX) },
          (response) => {
            let text = '';
            response.setEncoding('utf8').on('data', (part: string) => (text += part));
            response.on('end', () => {
              const { statusCode: code = 0, headers: answered } = response;
              // Node joins headers of one name by a comma, and a warning has a quoted text: it is split where the next begins.
              const warnings = String(answered['warning'] ?? '')
                .split(/, (?=299 )/)
                .filter((warning) => warning !== '');
              resolve({ code, warnings, body: parsed(text) });
            });
          },
        );
        sent.on('error', ({ message }) => resolve({ code: 0, warnings: [], body: message }));
        sent.end(body?.text);
      }),
    close: () => agent.destroy(),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
