/** What `--runtime` may say, taken apart. Pure. */
import { UserError } from '../user-error.ts';

/** Which runtime the node uses; `none` means no node at all. */
export type RuntimeChoice =
  | { readonly kind: 'auto' | 'process' | 'fake' | 'none' }
  | { readonly kind: 'cri' | 'docker'; readonly endpoint?: string };

/**
 * Parses `auto`, `cri`, `cri=ENDPOINT`, `docker`, `docker=SOCKET`, `process`, `fake` or `none`.
 *
 * @throws {UserError} for anything else.
 */
export function parseRuntimeChoice(text: string): RuntimeChoice {
  const [, kind, endpoint] = /^(auto|process|fake|none|cri|docker)(?:=(.+))?$/.exec(text) ?? [];
  switch (kind) {
    case 'cri':
    case 'docker':
      return endpoint === undefined ? { kind } : { kind, endpoint: endpoint.replace(/^unix:(\/\/)?/, '') };
    case 'auto':
    case 'process':
    case 'fake':
    case 'none':
      if (endpoint === undefined) return { kind };
      break;
    default:
  }
  throw new UserError(
    `unknown runtime '${text}': use auto, cri, cri=ENDPOINT, docker, docker=SOCKET, process, fake or none`,
  );
}
