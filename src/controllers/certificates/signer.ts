import { type Clock, rfc3339 } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import {
  type CertificateRequest,
  type CertificateSigningRequest,
  CLIENT_SIGNER,
  KUBELET_CLIENT_SIGNER,
  KUBELET_SERVING_SIGNER,
  parseCertificateRequest,
  wrongClient,
  wrongKubeletClient,
  wrongKubeletServing,
} from '../../apis/certificates/index.ts';
import {
  type Client,
  type Component,
  type ComponentContext,
  newController,
  newWorkqueue,
  type Reconciler,
  SIGNINGREQUESTS,
} from '../../client/index.ts';
import { has } from './decision.ts';

type Request = DeepReadonly<CertificateSigningRequest>;

/** Signs with the cluster's authority; answers PEM. */
export type SignCertificate = (order: {
  readonly publicKey: Buffer;
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly names: readonly string[];
  readonly usages: readonly string[];
  readonly notBefore: number;
  readonly notAfter: number;
}) => Promise<string>;

/** Longest life of a certificate in milliseconds unless the server's owner says so, a year as upstream's. */
const LIFETIME_MS_MAX = 365 * 86_400_000;
/** Shortest, whatever was asked for; the longest may be shorter still. */
const LIFETIME_MS_MIN = 10 * 60_000;
/** By how much a certificate's start lies in the past, for clocks that are late. */
const BACKDATE_MS = 5 * 60_000;
/** Certificates shorter than this get that time added, so that they last as long as was asked. */
const SHORT_MS = 8 * 3_600_000;

/** What each signer looks at before it signs. */
const CHECKS: ReadonlyMap<
  string,
  (asked: CertificateRequest, usages: readonly string[]) => string | undefined
> = new Map([
  [KUBELET_CLIENT_SIGNER, wrongKubeletClient],
  [KUBELET_SERVING_SIGNER, wrongKubeletServing],
  [CLIENT_SIGNER, (_asked: CertificateRequest, usages: readonly string[]) => wrongClient(usages)],
]);

/**
 * Signs the approved requests of the signers of kubernetes.io.
 *
 * @param lifetimeMsMax longest life of a certificate in milliseconds, and that of one whose request names none; upstream's
 *   --cluster-signing-duration. Default a year.
 */
export function newCertificateSigner(
  context: ComponentContext,
  sign: SignCertificate,
  lifetimeMsMax = LIFETIME_MS_MAX,
): Component {
  const { client, clock, log, metrics } = context;
  const requests = context.informer(SIGNINGREQUESTS);
  const queue = newWorkqueue({ name: 'certificate_signing', clock, metrics });
  const look = (request: Request): void => {
    if (isToSign(request)) queue.add(request.metadata.name);
  };
  requests.onChange({ added: look, updated: look });
  const reconciler = new Signer(client, clock, lifetimeMsMax, sign, (name) => requests.lister.get('', name));
  return newController({ name: 'csrsigning', reconciler, queue, log, informers: [requests], workers: 1 });
}

function isToSign(request: Request): boolean {
  return (
    CHECKS.has(request.spec.signerName) &&
    has(request, 'Approved') &&
    !has(request, 'Failed') &&
    !request.status.certificate
  );
}

class Signer implements Reconciler {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #lifetimeMsMax: number;
  readonly #sign: SignCertificate;
  readonly #find: (name: string) => Request | undefined;

  constructor(
    client: Client,
    clock: Clock,
    lifetimeMsMax: number,
    sign: SignCertificate,
    find: (name: string) => Request | undefined,
  ) {
    this.#client = client;
    this.#clock = clock;
    this.#lifetimeMsMax = lifetimeMsMax;
    this.#sign = sign;
    this.#find = find;
  }

  async sync(name: string): Promise<undefined> {
    const request = this.#find(name);
    if (request === undefined || !isToSign(request)) return;
    const { signerName, usages = [], expirationSeconds } = request.spec;
    const asked = parseCertificateRequest(request.spec.request);
    const wrong = CHECKS.get(signerName)?.(asked, usages);
    if (wrong !== undefined) {
      await this.#fail(request, wrong);
      return;
    }
    const now = this.#clock.now();
    const lifetime = lifetimeMs(expirationSeconds, this.#lifetimeMsMax);
    const pem = await this.#sign({
      publicKey: asked.publicKey,
      commonName: asked.commonName,
      organizations: asked.organizations,
      names: [...asked.dnsNames, ...asked.ipAddresses],
      usages,
      notBefore: now - BACKDATE_MS,
      notAfter: now + lifetime - (lifetime < SHORT_MS ? 0 : BACKDATE_MS),
    });
    await this.#write(request, { certificate: Buffer.from(pem).toString('base64') });
  }

  #fail(request: Request, message: string): Promise<void> {
    const lastUpdateTime = rfc3339(this.#clock.now());
    const condition = { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message };
    const conditions = [...(request.status.conditions ?? []), { ...condition, lastUpdateTime }];
    return this.#write(request, { conditions });
  }

  async #write({ metadata: { name, resourceVersion } }: Request, status: object): Promise<void> {
    const patch = { metadata: { resourceVersion }, status };
    await this.#client.patch(SIGNINGREQUESTS, '', name, 'application/merge-patch+json', patch, 'status');
  }
}

function lifetimeMs(asked: number | undefined, most: number): number {
  if (asked === undefined) return most;
  return Math.min(most, Math.max(LIFETIME_MS_MIN, asked * 1000));
}
