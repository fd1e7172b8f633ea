import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { decodeMessage, encodeCall, Writer } from './dbus-message.ts';
import { Systemd } from './systemd.ts';

const call = (member: string, signature: string, body: (writer: Writer) => void): string =>
  encodeCall(7, { path: '/a', interface: 'i', member, signature, body }).toString('latin1');

test('a call is written as D-Bus has it', () => {
  const head = 'l\x01\x00\x01\x13\x00\x00\x00\x07\x00\x00\x00\x5e\x00\x00\x00';
  const fields = [
    '\x01\x01o\x00\x02\x00\x00\x00/a\x00\x00\x00\x00\x00\x00',
    '\x06\x01s\x00\x18\x00\x00\x00org.freedesktop.systemd1\x00\x00\x00\x00\x00\x00\x00\x00',
    '\x02\x01s\x00\x01\x00\x00\x00i\x00\x00\x00\x00\x00\x00\x00',
    '\x03\x01s\x00\x02\x00\x00\x00Do\x00\x00\x00\x00\x00\x00',
    '\x08\x01g\x00\x02ss\x00',
  ].join('');
  const body = '\x03\x00\x00\x00a.b\x00\x07\x00\x00\x00replace\x00';
  const written = call('Do', 'ss', (writer) => writer.text('a.b').text('replace'));
  assert.equal(written.slice(0, 12), head.replace('\x13', '\x14').slice(0, 12));
  assert.equal(written.slice(16), fields + body);
});

test('properties are pairs of a name and a value that says what it is', () => {
  const bytes = new Writer().properties([
    ['A', true],
    ['B', 258n],
  ]);
  assert.equal(
    bytes.bytes().toString('latin1'),
    '\x28\x00\x00\x00\x00\x00\x00\x00' +
      '\x01\x00\x00\x00A\x00\x01b\x00\x00\x00\x00\x01\x00\x00\x00' +
      '\x01\x00\x00\x00B\x00\x01t\x00\x00\x00\x00\x00\x00\x00\x00\x02\x01\x00\x00\x00\x00\x00\x00',
  );
});

/** A systemd that does what `answer` says for each call; answers where it listens and what it was asked. */
async function fakeSystemd(
  context: TestContext,
  answer: (member: string) => readonly Buffer[],
): Promise<{ readonly path: string; readonly asked: string[] }> {
  const directory = mkdtempSync(join(tmpdir(), 'longshore-systemd-'));
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const serve = (socket: Socket): void => {
    sockets.add(socket);
    let isIn = false;
    let received: Buffer = Buffer.alloc(0);
    socket.on('data', (data: Buffer) => {
      received = Buffer.concat([received, data]);
      if (!isIn) {
        if (received.includes('BEGIN\r\n')) {
          isIn = true;
          received = received.subarray(received.indexOf('BEGIN\r\n') + 7);
        } else {
          received = Buffer.alloc(0);
          socket.write('OK 1234\r\n');
        }
      }
      for (let next = decodeMessage(received); next !== undefined; next = decodeMessage(received)) {
        const serial = received.readUInt32LE(8);
        received = received.subarray(next.length);
        const { member = '', values } = next.message;
        asked.push([member, ...values].join(' '));
        for (const bytes of answer(member)) socket.write(withReplySerial(bytes, serial));
      }
    });
  };
  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(join(directory, 'private'), resolve));
  context.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
    rmSync(directory, { recursive: true, force: true });
  });
  return { path: join(directory, 'private'), asked };
}

type Field = readonly [code: number, signature: string, value: string | number];

function message(
  type: number,
  fields: readonly Field[],
  signature: string,
  values: readonly (string | number)[],
): Buffer {
  const write = (writer: Writer, value: string | number): unknown =>
    typeof value === 'number' ? writer.uint32(value) : writer.text(value);
  const body = new Writer();
  for (const value of values) write(body, value);
  const head = new Writer();
  for (const byte of ['l'.charCodeAt(0), type, 0, 1]) head.byte(byte);
  head.uint32(body.length).uint32(1);
  head.list([
    ...fields.map(([code, kind, value]) => (writer: Writer) => {
      write(writer.byte(code).signature(kind), value);
    }),
    (writer) => {
      writer.byte(8).signature('g').signature(signature);
    },
  ]);
  return Buffer.concat([head.align(8).bytes(), body.bytes()]);
}

/** The reply's serial is the first of its fields. */
function withReplySerial(bytes: Buffer, serial: number): Buffer {
  if (bytes.readUInt8(16) === 5) bytes.writeUInt32LE(serial, 20);
  return bytes;
}

const answered = (signature = '', ...values: string[]): Buffer =>
  message(2, [[5, 'u', 0]], signature, values);
const refused = (name: string): Buffer =>
  message(
    3,
    [
      [5, 'u', 0],
      [4, 's', `org.freedesktop.systemd1.${name}`],
    ],
    's',
    ['No.'],
  );
const jobDone = (job: string): Buffer =>
  message(4, [[3, 's', 'JobRemoved']], 'uoss', [1, job, 'a.slice', 'done']);

test('a slice is there when systemd has made it, and one that was there gets the properties', async (context) => {
  let starts = 0;
  const { path, asked } = await fakeSystemd(context, (member) => {
    if (member !== 'StartTransientUnit') return [answered()];
    starts += 1;
    return starts === 1 ? [answered('o', '/job/1'), jobDone('/job/1')] : [refused('UnitExists')];
  });
  const systemd = new Systemd(path);
  await systemd.startSlice('a.slice', [['CPUWeight', 1n]]);
  await systemd.startSlice('a.slice', [['CPUWeight', 2n]]);
  assert.deepEqual(asked, [
    'Subscribe',
    'StartTransientUnit a.slice replace',
    'StartTransientUnit a.slice replace',
    'SetUnitProperties a.slice',
  ]);
});

test('ending a slice that is not there is fine, and any other refusal is told', async (context) => {
  let names = ['NoSuchUnit', 'Busy'];
  const { path } = await fakeSystemd(context, (member) => {
    if (member !== 'StopUnit') return [answered()];
    const [name = '', ...rest] = names;
    names = rest;
    return [refused(name)];
  });
  const systemd = new Systemd(path);
  await systemd.stopSlice('a.slice');
  await assert.rejects(systemd.stopSlice('a.slice'), { message: 'systemd: No.' });
});
