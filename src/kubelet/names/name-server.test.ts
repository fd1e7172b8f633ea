import assert from 'node:assert/strict';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { type DecodedPacket, decode, encode, type Packet } from 'dns-packet';
import { systemClock } from '../../apimachinery/clock.ts';
import type { NameRecords } from './answer.ts';
import { Forwarder } from './forwarder.ts';
import { NameServer } from './name-server.ts';
import { frame, MessageReader } from './tcp-messages.ts';

const PODS = Array.from({ length: 100 }, (_, index) => ({
  hostname: `many-${index}`,
  addresses: [`10.0.1.${index}`],
  ports: [],
}));

const RECORDS: NameRecords = {
  complete: true,
  service: (namespace, name) =>
    name === 'many' ? { namespace, name, externalName: '', clusterIPs: [], endpoints: PODS } : undefined,
  hasNamespace: () => true,
  withAddress: () => [],
};

async function open(
  options: { readonly upstream?: number; readonly mayAsk?: boolean; readonly records?: NameRecords } = {},
) {
  const { upstream, mayAsk = true, records = RECORDS } = options;
  const forwarder = new Forwarder(upstream === undefined ? [] : ['127.0.0.1'], systemClock, upstream);
  const sources = { records, forwarder, domain: 'cluster.local' };
  const server = new NameServer(systemClock, sources, () => mayAsk);
  const port = await server.listen('127.0.0.1', 0);
  return { port, [Symbol.asyncDispose]: () => server.close() };
}

const query = (name: string, rest: Partial<Packet> = {}): Buffer =>
  encode({ type: 'query', id: 7, questions: [{ name, type: 'A' }], ...rest });

const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

/** How an answer ends, which the library reads but its types do not have. */
function rcode(bytes: Buffer): string | undefined {
  return RCODES[bytes.readUInt8(3) & 15];
}

async function overUdp(port: number, message: Buffer): Promise<Buffer> {
  const socket = createSocket('udp4');
  try {
    socket.send(message, port, '127.0.0.1');
    const [bytes] = (await once(socket, 'message')) as [Buffer];
    return bytes;
  } finally {
    socket.close();
  }
}

async function overTcp(port: number, ...messages: readonly Buffer[]): Promise<DecodedPacket[]> {
  const socket = connect({ host: '127.0.0.1', port });
  const reader = new MessageReader(65_535);
  const found: DecodedPacket[] = [];
  for (const message of messages) socket.write(frame(message));
  for await (const bytes of socket) {
    found.push(...(reader.push(bytes as Buffer) ?? []).map((each) => decode(each)));
    if (found.length >= messages.length) break;
  }
  return found;
}

/** A resolver that answers what `tell` makes of each question; answers its port. */
async function openResolver(tell: (question: DecodedPacket, socket: UdpSocket) => Packet | undefined) {
  const socket = createSocket('udp4');
  socket.on('message', (message, { port, address }) => {
    const found = tell(decode(message), socket);
    if (found !== undefined) socket.send(encode(found), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { port: socket.address().port, [Symbol.dispose]: () => void socket.close() };
}

test('more than a datagram takes is cut, said so, and told whole over TCP', async () => {
  await using server = await open();
  const asked = query('many.ns.svc.cluster.local');
  const bytes = await overUdp(server.port, asked);
  const short = decode(bytes);
  assert.ok(bytes.length <= 512, `${bytes.length} bytes`);
  assert.equal(short.flag_tc, true);
  assert.ok((short.answers ?? []).length > 3);
  const [whole, again] = await overTcp(server.port, asked, asked);
  assert.deepEqual([whole?.flag_tc, whole?.flag_aa, whole?.answers?.length], [false, true, 100]);
  assert.equal(again?.id, 7);
});

test('who takes more in a datagram gets more', async () => {
  await using server = await open();
  const additionals: Packet['additionals'] = [
    {
      type: 'OPT',
      name: '.',
      udpPayloadSize: 4096,
      extendedRcode: 0,
      ednsVersion: 0,
      flags: 0,
      flag_do: false,
      options: [],
    },
  ];
  const bytes = await overUdp(server.port, query('many.ns.svc.cluster.local', { additionals }));
  assert.ok(bytes.length > 512 && bytes.length <= 1232, `${bytes.length} bytes`);
  assert.ok((decode(bytes).additionals ?? []).some(({ type }) => type === 'OPT'));
});

test('several answers begin with another one for each question', async () => {
  await using server = await open();
  const firsts = await Promise.all(
    [1, 2, 3].map(async (id) => {
      const [found] = await overTcp(server.port, query('many.ns.svc.cluster.local', { id }));
      const [first] = found?.answers ?? [];
      return first?.type === 'A' ? first.data : first;
    }),
  );
  assert.equal(new Set(firsts).size, 3);
});

test('what is no name of the cluster is asked of the resolver, in whose words it comes back', async () => {
  using resolver = await openResolver(({ id = 0, questions = [] }) => ({
    type: 'response',
    id,
    questions,
    answers: [{ name: questions[0]?.name ?? '', type: 'A', data: '192.0.2.9' }],
  }));
  await using server = await open({ upstream: resolver.port });
  const found = decode(await overUdp(server.port, query('example.test')));
  assert.deepEqual(
    found.answers?.map((each) => each.type === 'A' && each.data),
    ['192.0.2.9'],
  );
});

test('a resolver that is silent, or answers another question, is a failure of the server, in time', async () => {
  using resolver = await openResolver(({ id = 0 }) => ({ type: 'response', id: id + 1 }));
  await using server = await open({ upstream: resolver.port });
  assert.equal(rcode(await overUdp(server.port, query('example.test'))), 'SERVFAIL');
});

test('without a resolver, other names do not exist', async () => {
  await using server = await open();
  assert.equal(rcode(await overUdp(server.port, query('example.test'))), 'NXDOMAIN');
});

test('a name that is not there tells for how long that may be believed', async () => {
  await using server = await open();
  const bytes = await overUdp(server.port, query('few.ns.svc.cluster.local'));
  assert.equal(rcode(bytes), 'NXDOMAIN');
  assert.deepEqual(
    decode(bytes).authorities?.map(({ type }) => type),
    ['SOA'],
  );
});

test('before all services are known, none is denied', async () => {
  await using server = await open({ records: { ...RECORDS, complete: false } });
  assert.equal(rcode(await overUdp(server.port, query('few.ns.svc.cluster.local'))), 'SERVFAIL');
  assert.equal(rcode(await overUdp(server.port, query('many.ns.svc.cluster.local'))), 'NOERROR');
});

test('what cannot be read is refused, and answers are not answered', async () => {
  await using server = await open();
  const head = Buffer.from([0, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  const broken = await overUdp(server.port, Buffer.concat([head, Buffer.from([63, 1, 2])]));
  assert.deepEqual([broken.readUInt16BE(0), rcode(broken)], [9, 'FORMERR']);
  const update = query('many.ns.svc.cluster.local');
  update[2] = 5 << 3;
  assert.equal(rcode(await overUdp(server.port, update)), 'NOTIMP');
  const chaos = query('many.ns.svc.cluster.local', {
    questions: [{ name: 'version.bind', type: 'TXT', class: 'CH' }],
  });
  assert.equal(rcode(await overUdp(server.port, chaos)), 'REFUSED');
  // Questions on one connection are answered in order, so that the second's answer shows that the first has none.
  const answered = encode({ type: 'response', id: 1, questions: [] });
  const socket = connect({ host: '127.0.0.1', port: server.port });
  socket.write(Buffer.concat([frame(answered), frame(query('many.ns.svc.cluster.local'))]));
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  assert.equal(bytes.readUInt16BE(2), 7);
});

test('who is no pod hears nothing', async () => {
  await using server = await open({ mayAsk: false });
  const socket = connect({ host: '127.0.0.1', port: server.port });
  socket.on('error', () => {});
  socket.write(frame(query('many.ns.svc.cluster.local')));
  socket.resume();
  await once(socket, 'close');
  assert.equal(socket.bytesRead, 0);
});

test('an address that is not this machine’s cannot be listened on', async () => {
  const sources = { records: RECORDS, forwarder: new Forwarder([], systemClock), domain: 'cluster.local' };
  const server = new NameServer(systemClock, sources, () => true);
  await assert.rejects(server.listen('192.0.2.1', 0), /EADDRNOTAVAIL/);
});
