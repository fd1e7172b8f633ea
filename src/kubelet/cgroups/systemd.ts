/**
 * Asks this machine's systemd for slices: over its own socket, which needs no message bus and is for root.
 *
 * A call resolves when systemd has done what it was asked for, not only taken note of it.
 */
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { type Call, decodeMessage, encodeCall, type Message } from './dbus-message.ts';
import type { UnitProperty } from './slices.ts';

const SOCKET = '/run/systemd/private';
const PATH = '/org/freedesktop/systemd1';
const MANAGER = 'org.freedesktop.systemd1.Manager';

/** What a unit that is there already, or not there, is told by. */
const EXISTS = 'org.freedesktop.systemd1.UnitExists';
const MISSING = 'org.freedesktop.systemd1.NoSuchUnit';

class SystemdError extends Error {
  readonly errorName: string;

  constructor(errorName: string, message: string) {
    super(message);
    this.errorName = errorName;
  }
}

interface Waiting {
  readonly resolve: (answer: Message) => void;
  readonly reject: (error: Error) => void;
}

/** See the file's head. */
export class Systemd {
  readonly #path: string;
  #socket: Socket | undefined;
  #opening: Promise<void> | undefined;
  #received: Buffer = Buffer.alloc(0);
  #serial = 0;
  /** Calls without an answer, by their serial. */
  readonly #calls = new Map<number, Waiting>();
  /** Jobs that are not done, by their path. */
  readonly #jobs = new Map<string, () => void>();

  constructor(path = SOCKET) {
    this.#path = path;
  }

  /** Whether this machine has one that this process may ask. */
  static isHere(): boolean {
    return process.getuid?.() === 0 && existsSync(SOCKET);
  }

  /** Makes a slice, and those above it; one that is there gets those properties. */
  async startSlice(name: string, properties: readonly UnitProperty[]): Promise<void> {
    const more: readonly UnitProperty[] = [['DefaultDependencies', false], ...properties];
    try {
      await this.#job('StartTransientUnit', 'ssa(sv)a(sa(sv))', (writer) =>
        writer.text(name).text('replace').properties(more).list([]),
      );
    } catch (error) {
      if (!(error instanceof SystemdError && error.errorName === EXISTS)) throw error;
      await this.setProperties(name, properties);
    }
  }

  /** Changes properties of a slice until the machine is started anew. */
  async setProperties(name: string, properties: readonly UnitProperty[]): Promise<void> {
    await this.#call('SetUnitProperties', 'sba(sv)', (writer) =>
      writer.text(name).boolean(true).properties(properties),
    );
  }

  /** Ends a slice and everything below it; one that is not there is fine. */
  async stopSlice(name: string): Promise<void> {
    try {
      await this.#job('StopUnit', 'ss', (writer) => writer.text(name).text('replace'));
    } catch (error) {
      if (!(error instanceof SystemdError && error.errorName === MISSING)) throw error;
    }
  }

  async #job(member: string, signature: string, body: Call['body']): Promise<void> {
    // Its end may be told in the same moment as its name.
    await new Promise<void>((resolve, reject) => {
      this.#call(member, signature, body, ({ values }) => {
        this.#jobs.set(String(values[0]), resolve);
      }).catch(reject);
    });
  }

  async #call(
    member: string,
    signature: string,
    body: Call['body'],
    answered: (answer: Message) => void = () => {},
  ): Promise<void> {
    await this.#open();
    await this.#send(member, signature, body, answered);
  }

  #send(
    member: string,
    signature: string,
    body: Call['body'],
    answered: (answer: Message) => void,
  ): Promise<void> {
    this.#serial += 1;
    const serial = this.#serial;
    return new Promise((resolve, reject) => {
      const taken = (answer: Message): void => {
        answered(answer);
        resolve();
      };
      this.#calls.set(serial, { resolve: taken, reject });
      this.#socket?.ref();
      this.#socket?.write(encodeCall(serial, { path: PATH, interface: MANAGER, member, signature, body }));
    });
  }

  async #open(): Promise<void> {
    this.#opening ??= this.#connect().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    await this.#opening;
  }

  async #connect(): Promise<void> {
    const socket = connect(this.#path);
    this.#socket = socket;
    this.#received = Buffer.alloc(0);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    socket.on('error', () => {}); // 'close' follows.
    socket.once('close', () => this.#lost());
    await authenticate(socket);
    socket.on('data', (data: Buffer) => this.#receive(data));
    // Otherwise it does not tell when jobs are done.
    await this.#send(
      'Subscribe',
      '',
      () => {},
      () => {},
    );
  }

  #lost(): void {
    this.#opening = undefined;
    const error = new Error('systemd has closed its connection');
    for (const { reject } of this.#calls.values()) reject(error);
    this.#calls.clear();
    // What became of a job that nobody tells of any more is to be seen where its outcome is needed.
    for (const done of this.#jobs.values()) done();
    this.#jobs.clear();
  }

  #receive(data: Buffer): void {
    this.#received = Buffer.concat([this.#received, data]);
    for (;;) {
      const next = decodeMessage(this.#received);
      if (next === undefined) return;
      this.#received = this.#received.subarray(next.length);
      this.#take(next.message);
      // While nothing is waited for, it is not for this that the process lives on.
      if (this.#calls.size + this.#jobs.size === 0) this.#socket?.unref();
    }
  }

  #take(message: Message): void {
    const { kind, replySerial = 0, member, errorName = '', values } = message;
    if (kind === 'signal' && member === 'JobRemoved') {
      const job = String(values[1]);
      this.#jobs.get(job)?.();
      this.#jobs.delete(job);
      return;
    }
    const call = this.#calls.get(replySerial);
    if (call === undefined) return;
    this.#calls.delete(replySerial);
    if (kind === 'answer') call.resolve(message);
    else call.reject(new SystemdError(errorName, `systemd: ${values[0] ?? errorName}`));
  }
}

/** Says who this is: the kernel bears it out. */
async function authenticate(socket: Socket): Promise<void> {
  const user = Buffer.from(String(process.getuid?.() ?? 0)).toString('hex');
  socket.write(`\0AUTH EXTERNAL ${user}\r\n`);
  const answer = await new Promise<string>((resolve, reject) => {
    socket.once('data', (data) => resolve(data.toString('latin1')));
    socket.once('close', () => reject(new Error('systemd has closed its connection')));
  });
  if (!answer.startsWith('OK')) throw new Error(`systemd does not let this process in: ${answer.trim()}`);
  socket.write('BEGIN\r\n');
}
