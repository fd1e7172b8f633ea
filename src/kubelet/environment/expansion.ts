/** `$(NAME)` references in env values, commands and arguments, as Kubernetes expands them. */

/**
 * Replaces each `$(NAME)` for which `lookup` knows a value; an unknown one stays as it is written, and `$$` means one `$`,
 * so that `$$(NAME)` is never replaced.
 */
export function expand(text: string, lookup: (name: string) => string | undefined): string {
  if (!text.includes('$')) return text;
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (lookup(name) ?? whole),
  );
}
