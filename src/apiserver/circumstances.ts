import type { ApiRequest, UserInfo } from '../apimachinery/api-request.ts';
import type { RequestContext } from './resource.ts';

/** The circumstances of one request; gathers its warnings, each text once. */
export class Circumstances implements RequestContext {
  readonly user: UserInfo;
  readonly request: ApiRequest;
  readonly now: number;
  /** Whether the body came over the wire: nobody else holds it, and nobody has checked it. */
  readonly wire: boolean;
  /** Set by the handler when what it answers (the items, for a list) is the store's own, so that its text is there. */
  storedAnswer = false;
  #warnings: string[] | undefined;

  constructor(user: UserInfo, request: ApiRequest, now: number, wire = false) {
    this.user = user;
    this.request = request;
    this.now = now;
    this.wire = wire;
  }

  warn(text: string): void {
    this.#warnings ??= [];
    if (!this.#warnings.includes(text)) this.#warnings.push(text);
  }

  /** What was warned of so far. */
  get warnings(): readonly string[] {
    return this.#warnings ?? [];
  }
}
