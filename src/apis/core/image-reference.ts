/** Names of container images, by the grammar that Docker's and OCI's distribution use. */

/** What an image's name says. */
export interface ImageReference {
  /** Full name with its registry: `docker.io/library/busybox`. */
  readonly repository: string;
  /** Empty when the reference has a digest and no tag; `latest` when it has neither. */
  readonly tag: string;
  /** `sha256:…`, empty when there is none. */
  readonly digest: string;
}

const HOST = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const REGISTRY = `(?:${HOST}(?:\\.${HOST})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const REFERENCE = new RegExp(
  `^(${REGISTRY}/${COMPONENT}(?:/${COMPONENT})*)` +
    '(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?' +
    '(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$',
);
/** A bare image id is refused as a name, for it would be read as a repository. */
const BARE_ID = /^[a-f0-9]{64}$/;
const REPOSITORY_LENGTH_MAX = 255;

/** Takes an image's name apart, filling in Docker Hub and `library/`; undefined when it breaks the grammar. */
export function parseImageReference(image: string): ImageReference | undefined {
  if (BARE_ID.test(image)) return undefined;
  const { registry, path } = split(image);
  const match = REFERENCE.exec(`${registry}/${path}`);
  const [, repository, tag = '', digest = ''] = match ?? [];
  if (repository === undefined || repository.length > REPOSITORY_LENGTH_MAX) return undefined;
  return { repository, tag: tag === '' && digest === '' ? 'latest' : tag, digest };
}

/** How a name breaks the grammar, as the distribution's own reader words it. */
export function wrongWithImageName(image: string): string {
  if (BARE_ID.test(image)) {
    return `invalid repository name (${image}), cannot specify 64-byte hexadecimal strings`;
  }
  const [name = ''] = split(image).path.split(':');
  const isLower = name.toLowerCase() === name;
  return `invalid reference format${isLower ? '' : `: repository name (${name}) must be lowercase`}`;
}

/** The registry, and what follows it. */
function split(image: string): { readonly registry: string; readonly path: string } {
  const slash = image.indexOf('/');
  const first = slash < 0 ? '' : image.slice(0, slash);
  const named = slash >= 0 && (/[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first);
  const registry = !named || first === 'index.docker.io' ? 'docker.io' : first;
  const rest = named ? image.slice(slash + 1) : image;
  return { registry, path: registry === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest };
}

/** The pull policy that an image gets when none is asked for: Always for `latest`, else IfNotPresent. */
export function defaultPullPolicy(image: string): 'Always' | 'IfNotPresent' {
  return parseImageReference(image)?.tag === 'latest' ? 'Always' : 'IfNotPresent';
}
