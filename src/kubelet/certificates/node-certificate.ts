import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Clock, rfc3339, sleep, type Timer } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Random } from '../../apimachinery/random.ts';
import { replaceFile } from '../../apimachinery/replace-file.ts';
import { isNotFound } from '../../apimachinery/status-error.ts';
import { systemCodeOf } from '../../apimachinery/thrown.ts';
import { NODES_GROUP } from '../../apis/certificates/node-certificates.ts';
import type { CertificateSigningRequest } from '../../apis/certificates/types.ts';
import { type Client, type Logger, SIGNINGREQUESTS } from '../../client/index.ts';
import { renewalDue } from './renewal.ts';
import { makeRequest } from './request.ts';

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** What a certificate is for and where it lies. */
export interface NodeCertificateOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Key and certificate in one PEM file, so that they change together. */
  readonly file: string;
  /** PEM of the authority that it must come from. */
  readonly ca: string;
  /** `system:node:NAME`. */
  readonly commonName: string;
  readonly signerName: string;
  /** `client auth` or `server auth`. */
  readonly usage: string;
  /** Addresses and names, for a server. */
  readonly names?: readonly string[];
  /** Seconds that it should last. Default: as long as the signer gives. */
  readonly lifetimeSeconds?: number;
}

/** The server looked at a request and said no. */
export class CertificateRefused extends Error {
  override readonly name = 'CertificateRefused';
}

/** Milliseconds between two looks at a request that waits to be signed. */
const POLL_MS = 500;
/** Milliseconds until a request that nobody signs is made anew, upstream's own. */
const PATIENCE_MS = 15 * 60_000;
/** First and longest pause in milliseconds after a renewal that failed. */
const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 60_000;
/** Longest wait in milliseconds between two looks whether a certificate is due: the machine's clock may be set, or stand still while it sleeps. */
const LOOK_MS_MAX = 3_600_000;

/** See index.ts. */
export class NodeCertificate {
  readonly #options: NodeCertificateOptions;
  readonly #stopped = new AbortController();
  #timer: Timer | undefined;
  #ended: string | undefined;
  #renewing: Promise<void> = Promise.resolve();

  constructor(options: NodeCertificateOptions) {
    this.#options = options;
  }

  /** When the one on disk ended, in RFC 3339, where that is why {@link stored} did not answer it. */
  get ended(): string | undefined {
    return this.#ended;
  }

  /** The one on disk, if it is in time, for this node, and of this authority. */
  async stored(): Promise<KeyPair | undefined> {
    const { file, ca, clock, commonName } = this.#options;
    try {
      const text = await readFile(file, 'utf8');
      const at = text.indexOf('-----BEGIN CERTIFICATE-----');
      const pair = { key: text.slice(0, at), certificate: text.slice(at) };
      const parsed = new X509Certificate(pair.certificate);
      const isGood =
        parsed.subject.split('\n').includes(`CN=${commonName}`) &&
        parsed.verify(new X509Certificate(ca).publicKey) &&
        parsed.checkPrivateKey(createPrivateKey(pair.key));
      const isOver = Date.parse(parsed.validTo) <= clock.now();
      this.#ended = isGood && isOver ? rfc3339(Date.parse(parsed.validTo)) : undefined;
      return isGood && !isOver ? pair : undefined;
    } catch (error) {
      const code = systemCodeOf(error);
      // What is there may be half a file or of another cluster: it is asked for anew.
      if (code !== 'ENOENT') this.#options.log.warn({ file, error }, 'a certificate cannot be used');
      return undefined;
    }
  }

  /** Asks for one and waits until it is signed and on disk. Rejects when stopped. @throws {CertificateRefused} */
  async obtain(client: Client): Promise<KeyPair> {
    const { file, clock } = this.#options;
    const { request, key } = await this.#request();
    for (;;) {
      const name = await this.#submit(client, request);
      const certificate = await this.#await(client, name, clock.monotonic() + PATIENCE_MS);
      if (certificate === undefined) continue;
      const pair = { certificate, key };
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await replaceFile(file, key + certificate, { mode: 0o600, flush: true });
      return pair;
    }
  }

  /** Renews it from now on, as long as it is not stopped; `renewed` is told each new one. */
  keep(current: KeyPair, client: Client, renewed: (pair: KeyPair) => void): void {
    const { clock, random } = this.#options;
    const { validFrom, validTo } = new X509Certificate(current.certificate);
    const lot = random.fraction();
    const look = (): void => {
      const now = clock.now();
      const wait = renewalDue(Date.parse(validFrom), Date.parse(validTo), now, lot) - now;
      if (wait > LOOK_MS_MAX) this.#timer = clock.after(LOOK_MS_MAX, look, { background: true });
      else this.#later(Math.max(0, wait), current, client, renewed, RETRY_MS_MIN);
    };
    if (!this.#stopped.signal.aborted) look();
  }

  /** Ends renewal: no request is sent any more. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#timer?.cancel();
    await this.#renewing;
  }

  #later(
    delayMs: number,
    current: KeyPair,
    client: Client,
    renewed: (pair: KeyPair) => void,
    retryMs: number,
  ): void {
    if (this.#stopped.signal.aborted) return;
    const { clock, log, signerName } = this.#options;
    const renew = async (): Promise<void> => {
      try {
        const pair = await this.obtain(client);
        renewed(pair);
        this.keep(pair, client, renewed);
      } catch (error) {
        if (this.#stopped.signal.aborted) return;
        const isOver = Date.parse(new X509Certificate(current.certificate).validTo) <= clock.now();
        const rest = isOver ? '; it has ended: start this agent again, with a new --token' : '';
        log.warn({ signerName, error }, `a certificate could not be renewed, trying again${rest}`);
        this.#later(retryMs, current, client, renewed, Math.min(retryMs * 2, RETRY_MS_MAX));
      }
    };
    this.#timer = clock.after(
      delayMs,
      () => {
        this.#renewing = renew();
      },
      { background: true },
    );
  }

  async #request(): Promise<{ readonly request: string; readonly key: string }> {
    const { commonName, names = [] } = this.#options;
    return makeRequest(commonName, [NODES_GROUP], names);
  }

  async #submit(client: Client, request: string): Promise<string> {
    const { signerName, usage, lifetimeSeconds } = this.#options;
    const made = await client.create(SIGNINGREQUESTS, '', {
      metadata: { generateName: 'node-csr-' },
      spec: {
        request: Buffer.from(request).toString('base64'),
        signerName,
        usages: ['digital signature', usage],
        ...(lifetimeSeconds === undefined ? {} : { expirationSeconds: lifetimeSeconds }),
      },
    } as never);
    return made.metadata.name;
  }

  /** The certificate; undefined when the request is gone or nobody signed it in time. */
  async #await(client: Client, name: string, until: number): Promise<string | undefined> {
    const { clock, signerName } = this.#options;
    const { signal } = this.#stopped;
    while (clock.monotonic() < until) {
      if (signal.aborted) throw new Error('the node agent was stopped');
      let found: DeepReadonly<CertificateSigningRequest>;
      try {
        found = await client.get(SIGNINGREQUESTS, '', name);
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
      const { certificate, conditions = [] } = found.status ?? {};
      if (certificate) return Buffer.from(certificate, 'base64').toString('utf8');
      const end = conditions.find(({ type }) => type === 'Denied' || type === 'Failed');
      if (end !== undefined) {
        throw new CertificateRefused(
          `${signerName}: request ${name} was ${end.type.toLowerCase()}: ${end.message ?? ''}`,
        );
      }
      await sleep(clock, POLL_MS, signal);
    }
    return undefined;
  }
}
