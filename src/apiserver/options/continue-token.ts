import { goJsonError } from '../../apimachinery/go-json-error.ts';
import { newBadRequest, newExpired, type StatusError } from '../../apimachinery/status-error.ts';

/** Where a paged list goes on: after which key, at which revision (-1: the newest). */
export interface ContinueToken {
  readonly after: string;
  readonly revision: number;
}

/** The opaque text for a client: upstream's own form, so that its errors are the same too. */
export function encodeContinue(lastKey: string, prefix: string, revision: number): string {
  const start = `${lastKey.slice(prefix.length)}\0`;
  const text = JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start });
  return Buffer.from(text).toString('base64url');
}

/** Reads a token of {@link encodeContinue}; throws 400 for anything else. */
export function decodeContinue(token: string, prefix: string): ContinueToken {
  if (!/^[\w-]*$/.test(token) || token.length % 4 === 1) {
    const at = /[^\w-]/.exec(token)?.index ?? token.length - (token.length % 4);
    throw refuse(`continue key is not valid: illegal base64 data at input byte ${at}`);
  }
  const bytes = Buffer.from(token, 'base64url');
  let content: { v?: unknown; rv?: unknown; start?: unknown };
  try {
    content = JSON.parse(bytes.toString('utf8')) as typeof content;
  } catch {
    throw refuse(`continue key is not valid: ${goJsonError(bytes.toString('latin1'), 'bytes')}`);
  }
  if (content.v !== 'meta.k8s.io/v1') {
    throw refuse(
      `continue key is not valid: server does not recognize this encoded version ${typeof content.v === 'string' ? content.v : ''}`,
    );
  }
  if (typeof content.rv !== 'number' || content.rv === 0) {
    throw refuse(
      'continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)',
    );
  }
  if (typeof content.start !== 'string' || content.start === '') {
    throw refuse('continue key is not valid: encoded start key empty (version meta.k8s.io/v1)');
  }
  const segments = content.start.replace(/^\//, '').split('/');
  if (segments.some((each) => each === '' || each === '.' || each === '..')) {
    throw refuse(`continue key is not valid: ${content.start}`);
  }
  const start = content.start.replace(/^\//, '').replace(/\0$/, '');
  return { after: prefix + start, revision: content.rv };
}

/** 410 with a token that goes on at the newest state, at the price of consistency. */
export function newContinueExpired(token: ContinueToken, prefix: string): StatusError {
  const error = newExpired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
  );
  error.status.metadata['continue'] = encodeContinue(token.after, prefix, -1);
  return error;
}

function refuse(why: string): StatusError {
  return newBadRequest(`invalid continue token: ${why}`);
}
