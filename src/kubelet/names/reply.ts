/** Answers a DNS message: reads it, finds out what is asked, and writes the answer within the bytes that the client takes. */
import { type Answer as DnsRecord, decode, encode, encodingLength, type Packet } from 'dns-packet';
import { answer, type NameAnswer, type NameRecords } from './answer.ts';
import type { Forwarder, Way } from './forwarder.ts';

/** Bytes of an answer over UDP for clients that do not say what they take (RFC 1035). */
const UDP_BYTES = 512;
/** Bytes over UDP at most: more might be cut in pieces on the way (DNS flag day 2020). */
const UDP_BYTES_MAX = 1232;
/** Bytes over TCP at most: the length has two bytes. */
const TCP_BYTES_MAX = 0xff_ff;
/** Bytes of a message's head. */
const HEAD_BYTES = 12;

/** RFC 1035's numbers of what went wrong. */
const RCODE = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;
/** Bits of a head's flags. */
const AUTHORITATIVE = 0x04_00;
const TRUNCATED = 0x02_00;
const RECURSION_AVAILABLE = 0x00_80;

/** What answers are made from. */
export interface ReplySources {
  readonly records: NameRecords;
  readonly forwarder: Forwarder;
  /** `cluster.local`. */
  readonly domain: string;
}

/** The answer to a message; undefined for what is no question and gets none. Never rejects. */
export async function reply(
  message: Buffer,
  way: Way,
  { records, forwarder, domain }: ReplySources,
): Promise<Buffer | undefined> {
  if (message.length < HEAD_BYTES || (message.readUInt8(2) & 0x80) !== 0) return undefined;
  const asked = read(message);
  const fail = (rcode: keyof typeof RCODE): Buffer => write(message, asked, { rcode, flags: 0 }, way);
  if (asked === undefined) return fail('FORMERR');
  if ((message.readUInt8(2) & 0x78) !== 0) return fail('NOTIMP');
  const [question, ...more] = asked.questions ?? [];
  if (question === undefined || more.length > 0) return fail('FORMERR');
  if (question.class !== undefined && question.class !== 'IN') return fail('REFUSED');
  const found = answer(question, records, domain);
  if (found !== undefined) {
    if (found.rcode === 'NXDOMAIN' && !records.complete) return fail('SERVFAIL');
    const authorities = found.answers.length === 0 ? [authority(domain)] : [];
    return write(message, asked, { ...found, authorities, flags: AUTHORITATIVE }, way);
  }
  if (!forwarder.able) return fail('NXDOMAIN');
  return (await forwarder.ask(message, way)) ?? fail('SERVFAIL');
}

function read(message: Buffer): Packet | undefined {
  try {
    return decode(message);
  } catch {
    return undefined; // Not a message as RFC 1035 has them.
  }
}

interface Told extends Partial<Pick<NameAnswer, 'answers' | 'additionals'>> {
  readonly rcode: keyof typeof RCODE;
  readonly authorities?: readonly DnsRecord[];
  readonly flags: number;
}

/** Leaves answers out, and says so over UDP, where all together are longer than the client takes. */
function write(message: Buffer, asked: Packet | undefined, told: Told, way: Way): Buffer {
  const extension = (asked?.additionals ?? []).find(({ type }) => type === 'OPT');
  const wanted = extension?.type === 'OPT' ? extension.udpPayloadSize : UDP_BYTES;
  const limit = way === 'tcp' ? TCP_BYTES_MAX : Math.min(Math.max(wanted, UDP_BYTES), UDP_BYTES_MAX);
  const id = message.readUInt16BE(0);
  const recursionDesired = message.readUInt16BE(2) & 0x01_00;
  const own: DnsRecord[] =
    extension === undefined
      ? []
      : [
          {
            type: 'OPT',
            name: '.',
            udpPayloadSize: UDP_BYTES_MAX,
            flags: 0,
            options: [],
          } as unknown as DnsRecord,
        ];
  const make = (answers: readonly DnsRecord[], additionals: readonly DnsRecord[], cut: number): Packet => ({
    type: 'response',
    id,
    flags: told.flags | cut | recursionDesired | RECURSION_AVAILABLE | RCODE[told.rcode],
    questions: asked?.questions ?? [],
    answers: [...answers],
    authorities: [...(told.authorities ?? [])],
    additionals: [...additionals, ...own],
  });
  const { answers = [], additionals = [] } = told;
  // Each client begins with another one of several answers: its number is random.
  const turned = [
    ...answers.slice(id % (answers.length || 1)),
    ...answers.slice(0, id % (answers.length || 1)),
  ];
  const whole = make(turned, additionals, 0);
  if (encodingLength(whole) <= limit) return encode(whole);
  let kept = turned;
  let packet = make(kept, [], 0);
  for (let bytes = encodingLength(packet); bytes > limit && kept.length > 0; bytes = encodingLength(packet)) {
    kept = kept.slice(0, Math.floor(((kept.length - 1) * limit) / bytes));
    packet = make(kept, [], way === 'udp' ? TRUNCATED : 0);
  }
  return encode(packet);
}

/** Who answers for the domain; tells how long it may be believed that there is nothing. */
function authority(domain: string): DnsRecord {
  const [mname, rname] = [`ns.dns.${domain}`, `hostmaster.${domain}`];
  const data = { mname, rname, serial: 1, refresh: 7200, retry: 1800, expire: 86_400, minimum: 5 };
  return { name: domain, type: 'SOA', ttl: 5, data };
}
