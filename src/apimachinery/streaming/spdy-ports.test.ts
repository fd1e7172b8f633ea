import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { Duplex, PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { VirtualClock } from '../clock.ts';
import { SpdyConnection } from './spdy/index.ts';
import { type OpenPort, openSpdyPort, serveSpdyPorts } from './spdy-ports.ts';

/** A server of ports, and how to connect to it. */
async function served(t: TestContext, open: OpenPort, clock = new VirtualClock()): Promise<() => Socket> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    void serveSpdyPorts(socket, open, clock);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return () => {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    return socket;
  };
}

test('a port answers after its client has sent all it has to say', async (t) => {
  const asked: number[] = [];
  const dial = await served(t, async (port) => {
    asked.push(port);
    return new PassThrough();
  });
  const connection = await openSpdyPort(dial(), 8080);
  connection.end('all of it');
  assert.equal(await text(connection), 'all of it');
  assert.deepEqual(asked, [8080]);
});

test('a port that says good-bye first is heard out by a client that has not ended', async (t) => {
  const dial = await served(t, async () => {
    const port = new Duplex({
      read() {},
      write(_block, _encoding, done) {
        this.push('good-bye');
        this.push(null);
        done();
      },
    });
    return port;
  });
  const connection = await openSpdyPort(dial(), 8080);
  connection.write('hello');
  assert.equal(await text(connection), 'good-bye');
  connection.destroy();
});

test('a port where nobody listens is told in words', async (t) => {
  const dial = await served(t, () => Promise.reject(new Error('connection refused')));
  const connection = await openSpdyPort(dial(), 1);
  await assert.rejects(text(connection), /connection refused/);
});

test('a port that breaks later is told too', async (t) => {
  const port = new PassThrough();
  const dial = await served(t, async () => port);
  const connection = await openSpdyPort(dial(), 1);
  connection.write('hello');
  port.once('data', () => port.destroy(new Error('it broke')));
  await assert.rejects(text(connection), /it broke/);
});

test('a stream without its pair is given up, and what is no port is refused', async (t) => {
  const clock = new VirtualClock();
  const dial = await served(t, async () => new PassThrough(), clock);
  const client = new SpdyConnection(dial(), { side: 'client' });
  const alone = await client.open({ streamtype: 'error', port: '80', requestid: '7' });
  await assert.rejects(client.open({ streamtype: 'data', port: '0', requestid: '8' }), /refused/);
  await assert.rejects(client.open({ streamtype: 'other', port: '80', requestid: '9' }), /refused/);
  await assert.rejects(client.open({ streamtype: 'error', port: '80', requestid: '7' }), /refused/);
  await clock.advance(30_000);
  assert.equal(await text(alone), '');
  client.destroy();
});

test('old clients that number no pairs are understood', async (t) => {
  const dial = await served(t, async () => new PassThrough());
  const client = new SpdyConnection(dial(), { side: 'client' });
  await client.open({ streamtype: 'error', port: '80' });
  const data = await client.open({ streamtype: 'data', port: '80' });
  data.end('echo');
  assert.equal(await text(data), 'echo');
  client.destroy();
});
