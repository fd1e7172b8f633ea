import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../apimachinery/clock.ts';
import { replaceFile } from '../../apimachinery/replace-file.ts';
import { systemCodeOf } from '../../apimachinery/thrown.ts';
import type { KeyPair, SigningOrder } from './certificate-authority.ts';

/** What the server and its owner need to trust each other. */
export interface Certificates {
  /** PEM of the authority's certificate: what clients check the server against, and the server its clients. */
  readonly authority: string;
  /** The server's own. */
  readonly server: KeyPair;
  /** A client in the group system:masters. */
  readonly admin: KeyPair;
  /** The server itself as a client of node agents. */
  readonly nodeClient: KeyPair;
  /** DNS names and addresses that the server's certificate is good for. */
  readonly names: readonly string[];
  /** The server's own, good for these names and addresses besides: made anew, and kept, where it is not yet. */
  serverFor(more: readonly string[]): Promise<KeyPair>;
  /** Makes another client certificate. */
  issueClient(commonName: string, organizations: readonly string[]): Promise<KeyPair>;
  /** Signs a certificate for somebody else's key, which must have been looked at; answers PEM. */
  sign(order: SigningOrder): Promise<string>;
}

/** Where certificates lie and what they are for. */
export interface CertificateStoreOptions {
  /** Made with mode 0700 when missing; its files have mode 0600. */
  readonly directory: string;
  readonly clock: Clock;
  /** Names and addresses of the server besides the usual ones. */
  readonly names?: readonly string[];
}

const DAY_MS = 86_400_000;
/** Days that an authority lasts. */
const AUTHORITY_DAYS = 3_650;
/** Days that a server's or a client's certificate lasts, as kubeadm's do. */
const LEAF_DAYS = 365;
/** Days before its end that a certificate is made anew. */
const RENEW_DAYS = 30;
/**
 * Milliseconds by which a certificate's start lies in the past. A year: a clock that was wrong when the certificates were
 * made, and is set right later, locks nobody out, and does not make the next start believe that there are none.
 */
const BACKDATE_MS = 365 * DAY_MS;

/** The names under which a server on this machine is reached. */
function usualNames(): readonly string[] {
  return [
    'localhost',
    '127.0.0.1',
    '::1',
    hostname(),
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
  ];
}

/**
 * Reads the certificates of a directory; makes those that are missing, close to their end, or not good for all names. The
 * library that makes certificates is loaded only then.
 */
export async function openCertificates(options: CertificateStoreOptions): Promise<Certificates> {
  const { directory, clock } = options;
  const names = [...new Set([...usualNames(), ...(options.names ?? [])])];
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const now = clock.now();
  let authority = await readPair(directory, 'ca');
  const fresh = authority === undefined || !isGood(authority, now);
  if (fresh) {
    const { makeAuthority } = await import('./certificate-authority.ts');
    authority = await makeAuthority(
      `longshore-ca@${Math.floor(now / 1000)}`,
      now - BACKDATE_MS,
      now + AUTHORITY_DAYS * DAY_MS,
    );
    // Machines and users trust this one from now on; the others can be made anew with it.
    await writePair(directory, 'ca', authority, true);
  }
  const signer = authority as KeyPair;
  const leaf = async (
    file: string,
    make: () => Promise<KeyPair>,
    wanted: readonly string[],
  ): Promise<KeyPair> => {
    const found = fresh ? undefined : await readPair(directory, file);
    if (found !== undefined && isGood(found, now) && isGoodFor(found, wanted)) return found;
    const made = await make();
    await writePair(directory, file, made);
    return made;
  };
  const order = async (
    use: 'server' | 'client',
    commonName: string,
    organizations: readonly string[],
    ofServer: readonly string[] = names,
  ): Promise<KeyPair> => {
    const { issue } = await import('./certificate-authority.ts');
    const start = clock.now();
    return issue(signer, {
      use,
      commonName,
      organizations,
      ...(use === 'server' ? { names: ofServer } : {}),
      notBefore: start - BACKDATE_MS,
      notAfter: start + LEAF_DAYS * DAY_MS,
    });
  };
  const [server, admin, nodeClient] = await Promise.all([
    leaf('apiserver', () => order('server', 'kube-apiserver', []), names),
    leaf('admin', () => order('client', 'kubernetes-admin', ['system:masters']), []),
    leaf(
      'apiserver-kubelet-client',
      () => order('client', 'kube-apiserver-kubelet-client', ['system:masters']),
      [],
    ),
  ]);
  return {
    authority: signer.certificate,
    server,
    admin,
    nodeClient,
    names,
    serverFor: growing(server, names, async (all) => {
      const made = await order('server', 'kube-apiserver', [], all);
      await writePair(directory, 'apiserver', made);
      return made;
    }),
    issueClient: (commonName, organizations) => order('client', commonName, organizations),
    sign: async (wanted) => {
      const { sign } = await import('./certificate-authority.ts');
      return sign(signer, wanted);
    },
  };
}

/** A certificate to which names are added, one request after another. */
function growing(
  first: KeyPair,
  names: readonly string[],
  make: (names: readonly string[]) => Promise<KeyPair>,
): Certificates['serverFor'] {
  const wanted = new Set(names);
  let last: Promise<KeyPair> = Promise.resolve(first);
  return (more) => {
    for (const name of more) wanted.add(name);
    const before = last;
    const next = before.then((pair) => (isGoodFor(pair, [...wanted]) ? pair : make([...wanted])));
    // What could not be made leaves the one that is there.
    last = next.catch(() => before);
    return next;
  };
}

function isGood({ certificate }: KeyPair, now: number): boolean {
  const { validFrom, validTo } = new X509Certificate(certificate);
  return Date.parse(validFrom) <= now && now < Date.parse(validTo) - RENEW_DAYS * DAY_MS;
}

function isGoodFor({ certificate }: KeyPair, names: readonly string[]): boolean {
  const parsed = new X509Certificate(certificate);
  return names.every(
    (name) => (isIP(name) === 0 ? parsed.checkHost(name) : parsed.checkIP(name)) !== undefined,
  );
}

/** The pair of that name; undefined when a file is missing, unreadable as what it should be, or not of the other. */
async function readPair(directory: string, name: string): Promise<KeyPair | undefined> {
  try {
    const [certificate, key] = await Promise.all([
      readFile(join(directory, `${name}.crt`), 'utf8'),
      readFile(join(directory, `${name}.key`), 'utf8'),
    ]);
    if (!certificate.includes('BEGIN CERTIFICATE') || !key.includes('PRIVATE KEY')) return undefined;
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))
      ? { certificate, key }
      : undefined;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes each of the two whole or not at all. A crash between them leaves a pair that does not fit, which is made anew. */
async function writePair(
  directory: string,
  name: string,
  { certificate, key }: KeyPair,
  flush = false,
): Promise<void> {
  for (const [suffix, text] of [
    ['key', key],
    ['crt', certificate],
  ] as const) {
    await replaceFile(join(directory, `${name}.${suffix}`), text, { mode: 0o600, flush });
  }
}
