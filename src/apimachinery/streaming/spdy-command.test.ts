import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { type Duplex, PassThrough, Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../clock.ts';
import { StatusError } from '../status-error.ts';
import type { RemoteProcess, TerminalSize, WantedStreams } from './remote-process.ts';
import { SpdyConnection, type SpdyStream } from './spdy/index.ts';
import { openSpdyCommand, SPDY_COMMAND_PROTOCOL, serveSpdyCommand } from './spdy-command.ts';

/** Two ends of a real connection. */
async function pair(t: TestContext): Promise<[Socket, Socket]> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const { port } = server.address() as { port: number };
  const client = connect(port, '127.0.0.1');
  const other = await accepted;
  server.close();
  t.after(() => {
    client.destroy();
    other.destroy();
  });
  return [client, other];
}

const ALL: WantedStreams = { stdin: true, stdout: true, stderr: true, tty: false };

interface Played extends RemoteProcess {
  readonly sizes: TerminalSize[];
  readonly closed: Promise<void>;
}

/** A process that echoes its input, says a word on stderr and ends with that code. */
function echo(exitCode: number): Played {
  const through = new PassThrough();
  const sizes: TerminalSize[] = [];
  let close = (): void => {};
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  return {
    stdin: through,
    stdout: through,
    stderr: Readable.from([Buffer.from('warning')]),
    resize: (size) => sizes.push(size),
    exit: new Promise((resolve) => through.once('end', () => resolve(exitCode))),
    close: () => {
      through.destroy();
      close();
    },
    sizes,
    closed,
  };
}

async function command(t: TestContext, process: RemoteProcess, wanted = ALL) {
  const [client, server] = await pair(t);
  const served = serveSpdyCommand(server, { protocol: SPDY_COMMAND_PROTOCOL, wanted }, process, systemClock);
  return { remote: await openSpdyCommand(client, wanted), served, client };
}

test('a command over SPDY carries input, output, errors and the exit code', async (t) => {
  const process = echo(7);
  const { remote, served } = await command(t, process);
  remote.stdin?.end('hello');
  assert.equal(await text(remote.stdout as Readable), 'hello');
  assert.equal(await text(remote.stderr as Readable), 'warning');
  assert.equal(await remote.exit, 7);
  remote.close();
  await served;
  await process.closed;
});

test('megabytes go through a command in both directions, whole and in order', async (t) => {
  const { remote, served } = await command(t, echo(0));
  const sent = Buffer.alloc(8 * 1024 * 1024, 'longshore ');
  sent.write('begin');
  sent.write('end', sent.length - 3);
  remote.stdin?.end(sent);
  const got = await buffer(remote.stdout as Readable);
  assert.ok(got.equals(sent));
  assert.equal(await remote.exit, 0);
  remote.close();
  await served;
});

test('a slow reader of output holds up the process instead of filling memory', async (t) => {
  let produced = 0;
  const endless = new Readable({
    read() {
      produced += 64 * 1024;
      this.push(Buffer.alloc(64 * 1024));
    },
  });
  let end = (): void => {};
  const process: RemoteProcess = {
    stdout: endless,
    resize: () => {},
    exit: new Promise(() => {}),
    close: () => {
      endless.destroy();
      end();
    },
  };
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  const { remote, client } = await command(t, process, { ...ALL, stdin: false, stderr: false });
  let before = -1;
  while (produced !== before) {
    before = produced;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.ok(produced < 64 * 1024 * 1024, `${produced} bytes were produced for nobody`);
  assert.equal(remote.stdout?.readable, true);
  client.destroy();
  await over;
});

test('sizes of a terminal reach the process', async (t) => {
  const process = echo(0);
  const { remote, served } = await command(t, process, { ...ALL, tty: true });
  remote.resize({ width: 80, height: 24 });
  remote.resize({ width: 132, height: 43 });
  remote.stdin?.end();
  await text(remote.stdout as Readable);
  await remote.exit;
  remote.close();
  await served;
  assert.deepEqual(process.sizes, [
    { width: 80, height: 24 },
    { width: 132, height: 43 },
  ]);
});

test('a process that cannot be run is told as the Status that says why', async (t) => {
  const exit = Promise.reject<number>(new Error('no such command'));
  exit.catch(() => {});
  const process: RemoteProcess = {
    stdout: Readable.from([]),
    resize: () => {},
    exit,
    close: () => {},
  };
  const { remote } = await command(t, process, { ...ALL, stdin: false, stderr: false });
  await assert.rejects(remote.exit, (error) => {
    assert.ok(error instanceof StatusError);
    assert.equal(error.message, 'Internal error occurred: no such command');
    return true;
  });
  remote.close();
});

test('a process whose connection breaks is no success', async (t) => {
  const { remote, client } = await command(t, echo(0));
  client.destroy();
  await assert.rejects(remote.exit, /connection to the process was lost/);
});

test('a server answers pings, refuses what it does not want, and ends with what is no SPDY', async (t) => {
  const [client, server] = await pair(t);
  const taken: SpdyStream[] = [];
  const connection = new SpdyConnection(server, {
    side: 'server',
    accept: (stream) => {
      taken.push(stream);
      return stream.headers['kind'] === 'good';
    },
  });
  const ours = new SpdyConnection(client, { side: 'client' });
  const good = await ours.open({ Kind: 'good', port: '80' });
  await assert.rejects(ours.open({ kind: 'bad' }), /refused/);
  assert.equal(taken[0]?.headers['port'], '80');
  good.end('bytes');
  assert.equal(await text(taken[0] as Duplex), 'bytes');
  client.write(Buffer.from('\x80\x02 is no version of SPDY that is spoken here', 'latin1'));
  await connection.closed;
  assert.equal(await text(good), '');
});
