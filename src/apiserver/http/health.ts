import { type PathHandler, text } from './path-handlers.ts';

/** One thing that has to work: resolves when it does, rejects with what is wrong. */
export interface HealthCheck {
  readonly name: string;
  check(): Promise<void> | void;
}

/**
 * Answers `/healthz`, `/livez` and `/readyz` in upstream's form: `ok`, or one line a check with `?verbose` and on failure;
 * `?exclude=NAME` leaves a check out; `/readyz/NAME` asks one alone.
 */
export function healthHandler(endpoint: string, checks: readonly HealthCheck[]): PathHandler {
  return async ({ path, parameters }) => {
    const rest = path
      .split('/')
      .slice(2)
      .filter((each) => each !== '');
    if (rest.length > 0) {
      const one = checks.find((each) => each.name === rest.join('/'));
      if (one === undefined) return undefined;
      const failure = await failureOf(one);
      if (failure === undefined) return text('ok');
      return text(`internal server error: ${failure}\n`, 500);
    }
    const excluded = new Set((parameters['exclude'] ?? '').split(',').filter((each) => each !== ''));
    const outcomes = await Promise.all(
      checks.map(async (check) => ({
        name: check.name,
        failure: excluded.has(check.name) ? undefined : await failureOf(check),
      })),
    );
    const failed = outcomes.some((each) => each.failure !== undefined);
    if (!failed && parameters['verbose'] === undefined) return text('ok');
    const lines = outcomes.map(({ name, failure }) => {
      if (excluded.has(name)) return `[+]${name} excluded: ok`;
      return failure === undefined ? `[+]${name} ok` : `[-]${name} failed: reason withheld`;
    });
    lines.push(`${endpoint} check ${failed ? 'failed' : 'passed'}`);
    return text(`${lines.join('\n')}\n`, failed ? 500 : 200);
  };
}

async function failureOf(each: HealthCheck): Promise<string | undefined> {
  try {
    await each.check();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
