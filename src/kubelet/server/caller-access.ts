/**
 * Who may ask a node's server for what, as the kubelet decides it: a client shows a certificate of the cluster's authority or a bearer
 * token, and the API server says whose the token is and whether its owner may. Upstream: pkg/kubelet/server/auth.go.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { UserInfo } from '../../apimachinery/api-request.ts';
import type { Clock } from '../../apimachinery/clock.ts';

/** They may do everything; the API server's own certificate says so too. */
const ADMINISTRATORS = 'system:masters';
/** Milliseconds for which an answer of the API server holds (the kubelet's webhook caches). */
const KNOWN_MS = 2 * 60_000;
const ALLOWED_MS = 5 * 60_000;
const DENIED_MS = 30_000;
/** Answers that are remembered, of each of both kinds; the oldest go first. */
const ANSWERS_MAX = 1_000;

/** HTTP methods as authorization names them. */
const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Paths that have a subresource of their own, and whether `proxy` will do as well (KubeletFineGrainedAuthz). */
const SUBRESOURCES: readonly (readonly [string, readonly string[]])[] = [
  ['/pods', ['pods', 'proxy']],
  ['/healthz', ['healthz', 'proxy']],
  ['/configz', ['configz', 'proxy']],
  ['/stats', ['stats']],
  ['/metrics', ['metrics']],
  ['/logs', ['log']],
];

/** Asks the API server. */
export interface CallerReviews {
  /** Whose a token is; undefined for nobody's. */
  userOf(token: string): Promise<UserInfo | undefined>;
  /** Whether somebody may do that with a subresource of this node. */
  mayDo(user: UserInfo, verb: string, subresource: string): Promise<boolean>;
}

/** Why a request is not answered. */
export interface CallerRefusal {
  readonly code: 401 | 403 | 500;
  readonly message: string;
}

/** The subresources of nodes of which one has to be allowed for a request of that path. Pure. */
export function subresourcesFor(path: string): readonly string[] {
  const found = SUBRESOURCES.find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`));
  return found?.[1] ?? ['proxy'];
}

/** See the file's head. */
export class CallerAccess {
  readonly #reviews: CallerReviews | undefined;
  readonly #users: Remembered<UserInfo>;
  readonly #decisions: Remembered<boolean>;

  /** Without `reviews` administrators alone get in. */
  constructor(clock: Clock, reviews: CallerReviews | undefined) {
    this.#reviews = reviews;
    this.#users = new Remembered(clock);
    this.#decisions = new Remembered(clock);
  }

  /** Undefined for a request that may be answered. Never rejects. */
  async refusal(request: IncomingMessage): Promise<CallerRefusal | undefined> {
    let user: UserInfo | undefined;
    try {
      user = certified(request) ?? (await this.#bearer(request));
    } catch {
      user = undefined;
    }
    if (user === undefined) return { code: 401, message: 'Unauthorized' };
    if (user.groups.includes(ADMINISTRATORS)) return undefined;
    const verb = VERBS[request.method ?? ''] ?? '';
    const path = new URL(request.url ?? '/', 'https://node').pathname;
    const subresources = subresourcesFor(path);
    const what = `(user=${user.username}, verb=${verb}, resource=nodes, subresource(s)=[${subresources.join(' ')}])`;
    try {
      for (const subresource of subresources) {
        if (await this.#mayDo(user, verb, subresource)) return undefined;
      }
    } catch {
      return { code: 500, message: `Authorization error ${what}` };
    }
    return { code: 403, message: `Forbidden ${what}\n` };
  }

  async #bearer({ headers }: IncomingMessage): Promise<UserInfo | undefined> {
    const token = /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
    if (token === undefined || this.#reviews === undefined) return undefined;
    // The token itself is nothing to keep.
    const key = createHash('sha256').update(token).digest('base64');
    const known = this.#users.get(key);
    if (known !== undefined) return known;
    const user = await this.#reviews.userOf(token);
    if (user !== undefined) this.#users.set(key, user, KNOWN_MS);
    return user;
  }

  async #mayDo(user: UserInfo, verb: string, subresource: string): Promise<boolean> {
    const key = JSON.stringify([user, verb, subresource]);
    const known = this.#decisions.get(key);
    if (known !== undefined) return known;
    const may = (await this.#reviews?.mayDo(user, verb, subresource)) ?? false;
    this.#decisions.set(key, may, may ? ALLOWED_MS : DENIED_MS);
    return may;
  }
}

/** Whom a certificate names that the cluster's authority has signed; undefined without one. */
function certified({ socket }: IncomingMessage): UserInfo | undefined {
  const tls = socket as TLSSocket;
  if (!tls.authorized) return undefined;
  const { CN, O } = tls.getPeerCertificate().subject as Readonly<
    Record<string, string | string[] | undefined>
  >;
  // One organization is a text, several are a list.
  const groups = [O].flat().filter((each) => each !== undefined);
  return { username: [CN].flat()[0] ?? '', groups: [...groups, 'system:authenticated'] };
}

/** Answers that hold for a while. */
class Remembered<T> {
  readonly #clock: Clock;
  readonly #answers = new Map<string, { readonly answer: T; readonly until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(key: string): T | undefined {
    const found = this.#answers.get(key);
    if (found === undefined || found.until <= this.#clock.monotonic()) return undefined;
    return found.answer;
  }

  set(key: string, answer: T, forMs: number): void {
    this.#answers.delete(key);
    this.#answers.set(key, { answer, until: this.#clock.monotonic() + forMs });
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > ANSWERS_MAX && oldest !== undefined) this.#answers.delete(oldest);
  }
}
