/** One question of an HTTP probe and what is answered. */
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { dialErrorText } from '../../apimachinery/dial-error.ts';
import { request as httpRequest } from '../../apimachinery/node-http.ts';

/** What Go's HTTP client says when its time is over. */
const HTTP_TIMEOUT_TEXT = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';
/** Bytes of a body that are read; what follows is nobody's concern. */
const BODY_BYTES_MAX = 10 * 1024;

/** What a probe wants to know of an answer. */
export interface HttpAnswer {
  readonly statusCode: number;
  readonly location: string | undefined;
  /** Its beginning. */
  readonly body: string;
}

/** Asks once; a text says why there is no answer. Rejects where an answer ends before its body does. */
export function askOnce(
  url: URL,
  headers: Readonly<Record<string, string[]>>,
  signal: AbortSignal,
): Promise<HttpAnswer | string> {
  return new Promise((resolve, reject) => {
    // A probe asks whether somebody answers, not who: as upstream's, it takes any certificate.
    const options = { headers, rejectUnauthorized: false, agent: false, signal };
    const asking = url.protocol === 'https:' ? httpsRequest(url, options) : httpRequest(url, options);
    let answered = false;
    asking.once('response', (response) => {
      answered = true;
      const { statusCode = 0, headers: told } = response;
      beginningOf(response)
        .then((body) => resolve({ statusCode, location: told.location, body }), reject)
        .finally(() => asking.destroy());
    });
    asking.on('error', (error) => {
      const host = url.hostname.replace(/^\[|\]$/g, '');
      const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
      // Once the answer has begun, its body tells.
      if (!answered) resolve(signal.aborted ? HTTP_TIMEOUT_TEXT : dialErrorText(error, host, port));
    });
    asking.end();
  });
}

async function beginningOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= BODY_BYTES_MAX) break;
  }
  return Buffer.concat(chunks).subarray(0, BODY_BYTES_MAX).toString();
}
