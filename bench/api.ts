/**
 * Requests per second of the API server over HTTPS, each beside the figure of a server that only answers, in the same run
 * and from the same client, which shares the machine's cores with them.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, type RequestOptions, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parse } from 'yaml';
import { startServer } from '../test/harness/server.ts';
import { type Figure, median } from './machine.ts';
import { residentMebibytes } from './process-figures.ts';

const CLIENTS = 64;
/** Milliseconds of load for each figure. */
const LOAD_MS = 4_000;
const PODS = 10_000;
const WATCHERS = 1_000;
/** Events sent one after another to the watchers. */
const EVENTS = 20;
const LIST_RUNS = 5;
/** Clients that list at a time: what they read is ten megabytes each. */
const LIST_CLIENTS = 4;
/** Milliseconds after the load in which the server may notice that it is idle, before its memory counts. */
const SETTLE_MS = 6_000;
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const VALUE = 'x'.repeat(900);

/** A client of one server: HTTP/1.1 with mutual TLS, as most client libraries speak. */
class HttpClient {
  readonly #base: RequestOptions;

  /** @param ca without it any server will do: the bare one has no certificate of its own. */
  constructor(port: number, pair: { readonly cert: string; readonly key: string }, ca?: string) {
    const tls = { ...pair, ...(ca === undefined ? { rejectUnauthorized: false } : { ca }) };
    this.#base = {
      host: '127.0.0.1',
      port,
      agent: new Agent({ keepAlive: true, maxSockets: CLIENTS, ...tls }),
      ...tls,
    };
  }

  /** The whole answer; throws for one that is no success. */
  async send(method: string, path: string, body?: object, type = 'application/json'): Promise<Buffer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers =
      text === undefined ? {} : { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) };
    const sent = request({ ...this.#base, method, path, headers });
    sent.end(text);
    const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
    const parts: Buffer[] = [];
    for await (const part of response) parts.push(part as Buffer);
    const answer = Buffer.concat(parts);
    if ((response.statusCode ?? 0) >= 300)
      throw new Error(`${method} ${path}: ${response.statusCode} ${answer.toString()}`);
    return answer;
  }

  /** A connection of its own on which each line is counted; answers how to close it. */
  async watch(path: string, line: () => void): Promise<() => void> {
    const sent = request({ ...this.#base, agent: false, path });
    sent.end();
    const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
    response.on('data', (part: Buffer) => {
      for (const byte of part) if (byte === 10) line();
    });
    sent.on('error', () => {});
    response.on('error', () => {});
    return () => sent.destroy();
  }
}

/** Requests per second with that many at a time. */
async function perSecond(
  send: (index: number) => Promise<unknown>,
  { spanMs = LOAD_MS, clients = CLIENTS } = {},
): Promise<number> {
  let [count, index] = [0, 0];
  const start = performance.now();
  const worker = async (): Promise<void> => {
    while (performance.now() - start < spanMs) {
      await send(index++);
      count++;
    }
  };
  await Promise.all(Array.from({ length: clients }, worker));
  return count / ((performance.now() - start) / 1000);
}

/**
 * Milliseconds from a write until all watchers have its event: the middle one, and the slowest; and the events that reach
 * watchers in a second.
 */
async function fanOut(
  client: HttpClient,
  path: string,
  trigger: (index: number) => Promise<unknown>,
): Promise<{ readonly middle: number; readonly slowest: number; readonly perSecond: number }> {
  const delays: number[] = [];
  let written = 0;
  const closes: (() => void)[] = [];
  for (let opened = 0; opened < WATCHERS; opened += CLIENTS) {
    const some = Array.from({ length: Math.min(CLIENTS, WATCHERS - opened) }, () =>
      client.watch(path, () => delays.push(performance.now() - written)),
    );
    closes.push(...(await Promise.all(some)));
  }
  const start = performance.now();
  for (let event = 0; event < EVENTS; event++) {
    written = performance.now();
    await trigger(event);
    while (delays.length < (event + 1) * WATCHERS) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const seconds = (performance.now() - start) / 1000;
  for (const close of closes) close();
  return { middle: median(delays), slowest: Math.max(...delays), perSecond: delays.length / seconds };
}

async function rawServer(directory: string): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const script = join(import.meta.dirname, 'raw-server.ts');
  const args = [script, join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return {
    port: Number(port),
    stop: async () => {
      child.kill();
      await once(child, 'close');
    },
  };
}

/** Get, create and patch of ConfigMaps of 1 KB, a list of 10,000 pods, an event to 1,000 watchers, memory afterwards. */
export async function api(): Promise<readonly Figure[]> {
  const directory = mkdtempSync(join(tmpdir(), 'longshore-bench-'));
  await using server = await startServer(['--runtime', 'none']);
  const { ca, ...pair } = credentials(server.kubeconfig, directory);
  const client = new HttpClient(Number(new URL(server.url).port), pair, ca);
  const raw = await rawServer(directory);
  const bare = new HttpClient(raw.port, pair);
  try {
    const asked = await requests(client, bare);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const resident = residentMebibytes(server.process.pid ?? 0);
    return [
      ...asked,
      { name: 'resident memory after these requests', value: resident, unit: 'MB', goal: { atMost: 250 } },
      ...(await lists(client, bare)),
      ...(await watchers(client, bare)),
    ];
  } finally {
    await raw.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The admin's credentials; the raw server gets the same pair, since whose they are makes no difference to its cost. */
function credentials(
  kubeconfig: string,
  directory: string,
): { readonly ca: string; readonly cert: string; readonly key: string } {
  const { clusters, users } = parse(readFileSync(kubeconfig, 'utf8')) as {
    clusters: [{ cluster: Record<string, string> }];
    users: [{ user: Record<string, string> }];
  };
  const text = (base64: string | undefined): string => Buffer.from(base64 ?? '', 'base64').toString();
  const ca = text(clusters[0].cluster['certificate-authority-data']);
  const cert = text(users[0].user['client-certificate-data']);
  const key = text(users[0].user['client-key-data']);
  writeFileSync(join(directory, 'cert.pem'), cert);
  writeFileSync(join(directory, 'key.pem'), key, { mode: 0o600 });
  return { ca, cert, key };
}

async function requests(client: HttpClient, bare: HttpClient): Promise<readonly Figure[]> {
  const configMap = (name: string): object => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data: { v: VALUE },
  });
  const create = await perSecond((at) => client.send('POST', CONFIG_MAPS, configMap(`c${at}`)));
  const bareCreate = await perSecond((at) => bare.send('POST', '/', configMap(`c${at}`)));
  const get = await perSecond((at) => client.send('GET', `${CONFIG_MAPS}/c${at % 500}`));
  const bareGet = await perSecond(() => bare.send('GET', '/'));
  const type = 'application/merge-patch+json';
  const patch = await perSecond((at) =>
    client.send('PATCH', `${CONFIG_MAPS}/c${at % 500}`, { data: { n: String(at) } }, type),
  );
  const barePatch = await perSecond((at) => bare.send('PATCH', '/', { data: { n: String(at) } }, type));
  return [
    { name: 'create of ConfigMaps of 1 KB, 64 clients', value: create, unit: '/s', goal: { atLeast: 3500 } },
    { name: 'a bare server, the same bodies', value: bareCreate, unit: '/s' },
    { name: 'get of them', value: get, unit: '/s', goal: { atLeast: 8000 } },
    { name: 'a bare server, 1 KB answers', value: bareGet, unit: '/s' },
    { name: 'merge patch of them, durable', value: patch, unit: '/s', goal: { atLeast: 3300 } },
    { name: 'a bare server, the same patches', value: barePatch, unit: '/s' },
  ];
}

async function lists(client: HttpClient, bare: HttpClient): Promise<readonly Figure[]> {
  const pods = '/api/v1/namespaces/default/pods';
  let made = 0;
  const creator = async (): Promise<void> => {
    for (let at = made++; at < PODS; at = made++) {
      const spec = { containers: [{ name: 'c', image: 'busybox', command: ['true'] }] };
      await client.send('POST', pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name: `p${at}` }, spec });
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, creator));
  const [own, plain]: [number[], number[]] = [[], []];
  for (let run = 0; run < LIST_RUNS; run++) {
    let start = performance.now();
    const { length } = await client.send('GET', pods);
    own.push(performance.now() - start);
    start = performance.now();
    await bare.send('GET', `/bytes/${length}`);
    plain.push(performance.now() - start);
  }
  const { length } = await client.send('GET', pods);
  const load = { clients: LIST_CLIENTS };
  const listsPerSecond = await perSecond(() => client.send('GET', pods), load);
  const bareLists = await perSecond(() => bare.send('GET', `/bytes/${length}`), load);
  return [
    { name: 'list of 10,000 pods', value: median(own), unit: 'ms' },
    { name: 'a bare server, as many bytes', value: median(plain), unit: 'ms' },
    { name: `lists of 10,000 pods, ${LIST_CLIENTS} clients`, value: listsPerSecond, unit: '/s' },
    { name: 'a bare server, as many bytes', value: bareLists, unit: '/s' },
  ];
}

async function watchers(client: HttpClient, bare: HttpClient): Promise<readonly Figure[]> {
  const { metadata } = JSON.parse((await client.send('GET', `${CONFIG_MAPS}?limit=1`)).toString()) as {
    metadata: { resourceVersion: string };
  };
  const from = `fieldSelector=metadata.name%3Dc0&resourceVersion=${metadata.resourceVersion}`;
  const own = await fanOut(client, `${CONFIG_MAPS}?watch=1&${from}`, (at) =>
    client.send('PATCH', `${CONFIG_MAPS}/c0`, { data: { w: String(at) } }, 'application/merge-patch+json'),
  );
  const event = { type: 'MODIFIED', object: { v: VALUE } };
  const plain = await fanOut(bare, '/watch', () => bare.send('POST', '/event', event));
  return [
    { name: 'an event at 1,000 watchers, the middle one', value: own.middle, unit: 'ms' },
    { name: 'the slowest one', value: own.slowest, unit: 'ms' },
    { name: 'events that reach 1,000 watchers', value: own.perSecond, unit: '/s' },
    { name: 'a bare server, the middle one', value: plain.middle, unit: 'ms' },
    { name: 'the slowest one there', value: plain.slowest, unit: 'ms' },
    { name: 'events that reach them', value: plain.perSecond, unit: '/s' },
  ];
}
