/** What the name in a path to `proxy` says: `NAME`, `NAME:PORT` or `SCHEME:NAME:PORT` (upstream's SplitSchemeNamePort). */

/** A pod's or service's name, and how it is to be spoken to. */
export interface BackendName {
  /** Whether TLS is spoken to it. */
  readonly secure: boolean;
  readonly name: string;
  /** A number or a name, as it was written; empty: none was. */
  readonly port: string;
}

/** Reads such a name; undefined for one that is none. Pure. */
export function parseBackendName(text: string): BackendName | undefined {
  const parts = text.split(':');
  if (parts.length > 3) return undefined;
  const scheme = parts.length === 3 ? (parts.shift() ?? '') : '';
  const [name = '', port = ''] = parts;
  if (name === '' || !['', 'http', 'https'].includes(scheme)) return undefined;
  return { secure: scheme === 'https', name, port };
}
