/** The whole API server in this process, with two ways to send it the texts that a stranger would. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PatchType, Transport } from '../../src/apimachinery/api-request.ts';
import { StatusError } from '../../src/apimachinery/status-error.ts';
import { decodeBody, parseJson, parseYaml, withText } from '../../src/apiserver/http/body/body.ts';
import { requestInfo } from '../../src/apiserver/http/request-info.ts';
import { openDataDirectory } from '../../src/cluster/data-directory/data-directory.ts';
import { startServer } from '../../src/cluster/server/server.ts';
import { cronJobBody, type HostileRequest, jobBody, TARGET } from './hostile-requests.ts';

/** What came back. */
export interface HostileAnswer {
  readonly code: number;
  readonly text: string;
}

/** See the file's head. */
export interface HostileServer {
  /** As an administrator of this process. */
  readonly transport: Transport;
  /** Sends the request over HTTPS. */
  overHttps(request: HostileRequest): Promise<HostileAnswer>;
  /**
   * Answers the request as the front door does, without sockets: reads the text, hands it to the handler chain, writes the
   * answer. Rejects with what is no StatusError: a fault of the server's own.
   */
  inProcess(request: HostileRequest): Promise<HostileAnswer>;
  /** Faults of its own that the server has noted. */
  readonly faults: readonly unknown[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts it, with the objects that the requests aim at. */
export async function startHostileServer(): Promise<HostileServer> {
  const root = mkdtempSync(join(tmpdir(), 'longshore-hostile-'));
  const faults: unknown[] = [];
  const log = { debug() {}, info() {}, warn() {}, error: (...about: unknown[]) => void faults.push(about) };
  const data = openDataDirectory(root);
  const server = await startServer({ data, store: 'memory', listen: { address: '127.0.0.1', port: 0 }, log });
  const transport = server.transport({ username: 'admin', groups: ['system:masters'] });
  const { ca, cert, key } = server.adminAccess;
  const session = connect(server.url, { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) });
  const named = { generateName: undefined, name: TARGET, annotations: { a: '' } };
  const create = (version: string, resource: string, group: string, body: object) =>
    transport.send({ verb: 'create', group, version, resource, namespace: 'default', body });
  await create('v1', 'serviceaccounts', '', { metadata: { name: 'default' } });
  await create('v1', 'jobs', 'batch', jobBody({}, { metadata: named }));
  await create('v1', 'cronjobs', 'batch', cronJobBody({}, named));
  return {
    transport,
    faults,
    inProcess: (request) => inProcess(transport, request),
    overHttps: ({ method, path, contentType, body }) =>
      new Promise((resolve, reject) => {
        const stream = session.request(
          { ':path': path, ':method': method, 'content-type': contentType },
          { endStream: method === 'GET' },
        );
        let code = 0;
        const chunks: Buffer[] = [];
        stream.on('response', (headers) => {
          code = Number(headers[':status']);
        });
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => resolve({ code, text: Buffer.concat(chunks).toString('utf8') }));
        stream.on('error', reject);
        if (method !== 'GET') stream.end(body);
      }),
    async [Symbol.asyncDispose]() {
      session.close();
      await server.stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function inProcess(transport: Transport, sent: HostileRequest): Promise<HostileAnswer> {
  try {
    const info = requestInfo(sent.method, sent.path);
    if (info.kind === 'path') return { code: 404, text: '' };
    const answer = await transport.send({ ...info.request, ...(await bodyOf(sent)) });
    if (answer.kind !== 'object') throw new Error('a stream came back');
    return { code: answer.code, text: JSON.stringify(answer.object) };
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return { code: error.code, text: JSON.stringify(error.status) };
  }
}

async function bodyOf({ method, contentType, body }: HostileRequest): Promise<object> {
  if (method === 'GET') return {};
  if (method === 'POST') return decodeBody(Buffer.from(body), contentType, { kind: 'Job' });
  const patchType = contentType as PatchType;
  if (patchType === 'application/apply-patch+yaml')
    return { ...(await parseYaml(body, (why) => why)), patchType };
  return {
    ...withText(
      parseJson(body, (why) => why),
      body,
    ),
    patchType,
  };
}
