/**
 * How an engine that keeps no labels for images (Docker, CRI-O) remembers that one was built or loaded by hand: by a second
 * name beside the image's own. It goes when the image does, and stays behind when a pulled image takes the name over.
 */

/** A registry that nobody can ask. */
const REGISTRY = 'longshore.local/';

/** The second name of the image of that full name. */
export function localMark(fullName: string): string {
  const [host = '', ...path] = fullName.split('/');
  // Within a path there are neither ports nor capitals.
  return [`${REGISTRY}${host.toLowerCase().replace(':', '_')}`, ...path].join('/');
}

/** Whether a name is such a second one. */
export function isLocalMark(name: string): boolean {
  return name.startsWith(REGISTRY);
}
