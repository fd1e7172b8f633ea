/**
 * Whether a request may come from where it says: a `Host` that is a name of this server (or an address, which nobody can
 * make a browser resolve to us), and no `Origin` but one of those. Keeps web pages that the user looks at away from a
 * server on loopback (DNS rebinding).
 */
export class HostCheck {
  readonly #names: ReadonlySet<string>;

  /** @param names DNS names and addresses of the serving certificate. */
  constructor(names: readonly string[]) {
    this.#names = new Set(names.map((each) => each.toLowerCase()));
  }

  /** `host` as in the header (or `:authority`), with or without port; `origin` as in the header. */
  allows(host: string | undefined, origin: string | undefined): boolean {
    if (host === undefined || !this.#isOurs(hostName(host))) return false;
    if (origin === undefined) return true;
    return URL.canParse(origin) && this.#isOurs(hostName(new URL(origin).host));
  }

  #isOurs(name: string): boolean {
    return this.#names.has(name) || /^\d+\.\d+\.\d+\.\d+$/.test(name) || name.includes(':');
  }
}

/** The host without its port, lower-case, without the brackets of IPv6. */
function hostName(host: string): string {
  const bracketed = /^\[([^\]]*)\]/.exec(host);
  if (bracketed) return (bracketed[1] ?? '').toLowerCase();
  return host.replace(/:\d+$/, '').toLowerCase();
}
