import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { StatusError } from '../../apimachinery/status-error.ts';
import { type Errand, handOn, handOnUpgrade } from './http-proxy.ts';

const PREFIX = '/api/v1/namespaces/n/pods/p/proxy';

/** What a backend was asked. */
interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

let backend: Server;
let front: Server;
const asked: Asked[] = [];

async function listening(server: Server): Promise<Server> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

function errandFor({ url = '' }: IncomingMessage): Errand {
  const port = url.startsWith(`${PREFIX}/nobody`) ? 1 : portOf(backend);
  return {
    rest: (url.split('?')[0] ?? '').slice(PREFIX.length),
    from: '10.0.0.9',
    backend: { secure: false, host: `10.1.1.1:${port}`, open: async () => connect(port, '127.0.0.1') },
  };
}

before(async () => {
  backend = createServer((incoming, response) => {
    const { method, url, headers } = incoming;
    void text(incoming).then((body) => {
      asked.push({ method, url, headers, body });
      if (url === '/moved') response.setHeader('Location', '/elsewhere');
      response.statusCode = url === '/moved' ? 302 : 200;
      response.end(url === '/long' ? 'x'.repeat(3_000_000) : 'page');
    });
  });
  backend.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (incoming.url === '/refused') {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno');
      return;
    }
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nfirst ');
    socket.write(head);
    socket.pipe(socket);
  });
  front = createServer((incoming, response) => {
    handOn(errandFor(incoming), incoming, response).catch((error: StatusError) => {
      response.statusCode = error.code;
      response.end(error.message);
    });
  });
  front.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    const response = new (process.getBuiltinModule('node:http').ServerResponse)(incoming);
    response.shouldKeepAlive = false;
    response.assignSocket(socket as Parameters<typeof response.assignSocket>[0]);
    response.once('finish', () => socket.end());
    handOnUpgrade(errandFor(incoming), { request: incoming, response, socket, head }).catch(
      (error: unknown) => {
        response.statusCode = error instanceof StatusError ? error.code : 500;
        response.end(String(error));
      },
    );
  });
  await Promise.all([listening(backend), listening(front)]);
});

after(async () => {
  for (const server of [front, backend]) server.close();
});

interface Wish {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: readonly string[];
}

function ask(path: string, { method = 'GET', headers = {}, body = [] }: Wish = {}) {
  return new Promise<{ code: number | undefined; headers: IncomingMessage['headers']; body: string }>(
    (resolve, reject) => {
      const going = request({
        port: portOf(front),
        host: '127.0.0.1',
        path: `${PREFIX}${path}`,
        method,
        headers,
      });
      going.once('error', reject);
      going.once('response', (response) => {
        const { statusCode: code, headers: told } = response;
        void text(response).then((body) => resolve({ code, headers: told, body }));
      });
      for (const each of body) going.write(each);
      going.end();
    },
  );
}

test('a request reaches the backend with its method, path, query and body, and without credentials', async () => {
  const headers = { authorization: 'Bearer secret', 'x-own': 'kept' };
  const answer = await ask('/a%2Fb/?c=d', { method: 'PATCH', headers, body: ['one', 'two'] });
  assert.deepEqual([answer.code, answer.body], [200, 'page']);
  const seen = asked.at(-1);
  assert.deepEqual([seen?.method, seen?.url, seen?.body], ['PATCH', '/a%2Fb/?c=d', 'onetwo']);
  assert.equal(seen?.headers.authorization, undefined);
  assert.deepEqual([seen?.headers['x-own'], seen?.headers['x-forwarded-for']], ['kept', '10.0.0.9']);
});

test('a body of known length keeps it, and a long answer comes whole', async () => {
  const answer = await ask('/long', { method: 'POST', headers: { 'content-length': '3' }, body: ['abc'] });
  assert.equal(answer.body.length, 3_000_000);
  assert.equal(asked.at(-1)?.headers['content-length'], '3');
});

test('without a path a client is sent to the root of the backend, and a redirection comes back through here', async () => {
  const root = await ask('?q');
  assert.deepEqual([root.code, root.headers.location], [301, `${PREFIX}/?q`]);
  const moved = await ask('/moved');
  assert.deepEqual([moved.code, moved.headers.location], [302, `${PREFIX}/elsewhere`]);
});

test('a backend is left as soon as its client has gone', async () => {
  const silent = await listening(createServer(() => {}));
  const left = new Promise((resolve) => {
    silent.once('connection', (socket) => {
      socket.once('data', () => going.destroy());
      socket.once('close', resolve);
    });
  });
  const door = await listening(
    createServer((incoming, response) => {
      const open = async () => connect(portOf(silent), '127.0.0.1');
      const errand = { rest: '/', from: undefined, backend: { secure: false, host: '10.1.1.1', open } };
      handOn(errand, incoming, response).catch(() => {});
    }),
  );
  const going = request({ port: portOf(door), host: '127.0.0.1' });
  going.on('error', () => {}).end();
  await left;
  for (const server of [door, silent]) server.close();
});

test('a backend where nobody listens is 503', async () => {
  const answer = await ask('/nobody');
  assert.equal(answer.code, 503);
  assert.match(answer.body, /^error trying to reach service: .*ECONNREFUSED/);
});

/** Asks for an upgrade, sends that, and answers all that comes until the end. */
async function upgrade(path: string, sends: string, ends: RegExp): Promise<string> {
  const socket = connect(portOf(front), '127.0.0.1');
  socket.write(
    `GET ${PREFIX}${path} HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n${sends}`,
  );
  let seen = '';
  socket.on('data', (bytes: Buffer) => {
    seen += bytes.toString();
    if (ends.test(seen)) socket.end();
  });
  await buffer(socket);
  return seen;
}

test('an upgraded connection goes both ways, and a refused one gets the refusal', async () => {
  const agreed = await upgrade('/echo', 'hello', /hello$/);
  assert.match(agreed, /^HTTP\/1\.1 101 [\s\S]*Upgrade: echo\r\n\r\nfirst hello$/);
  const refused = await upgrade('/refused', '', /no$/);
  assert.match(refused, /^HTTP\/1\.1 403 [\s\S]*\r\n\r\nno$/);
});
