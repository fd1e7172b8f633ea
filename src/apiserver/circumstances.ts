import type { ApiRequest, UserInfo } from '../apimachinery/api-request.ts';
import type { BodyNotes } from '../apimachinery/schema/index.ts';
import type { StatusError } from '../apimachinery/status-error.ts';
import type { Decision } from './auth/authorizer.ts';
import type { RequestContext } from './resource.ts';

const NONE: readonly string[] = [];

/** The circumstances of one request; gathers its warnings, each text once. */
export class Circumstances implements RequestContext {
  readonly user: UserInfo;
  readonly request: ApiRequest;
  readonly now: number;
  /** Set by the handler when what it answers (the items, for a list) is the store's own, so that its text is there. */
  storedAnswer = false;
  /** The body's text; only the front end has it. */
  bodyText: BodyNotes | undefined = undefined;
  /** What is wrong with the body as a text, told when the handler comes to it: others of its checks may come first. */
  bodyFault: StatusError | undefined = undefined;
  /** The program that asks; undefined for a component of this process. */
  userAgent: string | undefined = undefined;
  /** The component of this process that asks, by the name of upstream's program: it is held to set the fields it sets. */
  program = '';
  /** What the authorizer said, once it was asked. */
  decision: Decision | undefined = undefined;
  #warnings: Set<string> | undefined;
  #annotations: Map<string, string> | undefined;

  constructor(user: UserInfo, request: ApiRequest, now: number) {
    this.user = user;
    this.request = request;
    this.now = now;
  }

  /** Called where upstream would read the body. Throws what is wrong with its text. */
  requireBody(): void {
    if (this.bodyFault !== undefined) throw this.bodyFault;
  }

  warn(text: string): void {
    this.#warnings ??= new Set();
    this.#warnings.add(text);
  }

  annotate(key: string, text: string): void {
    this.#annotations ??= new Map();
    this.#annotations.set(key, text);
  }

  /** What the audit log is to say besides; undefined: nothing. */
  get annotations(): ReadonlyMap<string, string> | undefined {
    return this.#annotations;
  }

  /** What was warned of so far. */
  get warnings(): readonly string[] {
    return this.#warnings === undefined ? NONE : [...this.#warnings];
  }
}
