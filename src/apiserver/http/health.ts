import { messageOf } from '../../apimachinery/thrown.ts';
import type { HealthMetrics } from '../metrics/health-metrics.ts';
import { type PathAnswer, type PathHandler, text } from './path-handlers.ts';

/** One thing that has to work: resolves when it does, rejects with what is wrong. */
export interface HealthCheck {
  readonly name: string;
  check(): Promise<void> | void;
}

/** How one check came out; `failure` withheld from who may ask anonymously. */
interface Outcome {
  readonly name: string;
  readonly excluded: boolean;
  readonly failure: string | undefined;
}

const PLAIN = { 'X-Content-Type-Options': 'nosniff' };

/**
 * Answers `/healthz`, `/livez` and `/readyz` in upstream's form: `ok`, or one line a check with `?verbose` and on failure;
 * `?exclude=NAME`, once or several times, leaves checks out; `/readyz/NAME` asks one alone. `results` hears how each came out that was
 * asked with the others.
 */
export function healthHandler(
  endpoint: string,
  checks: readonly HealthCheck[],
  results: HealthMetrics,
): PathHandler {
  return async ({ path, parameters, query }) => {
    const rest = path.split('/').slice(2).join('/');
    if (rest !== '' || path.endsWith('/')) return single(checks.find((each) => each.name === rest));
    const excluded = new Set(new URLSearchParams(query).getAll('exclude').filter((each) => each !== ''));
    const outcomes = await Promise.all(
      checks.map(
        async (check): Promise<Outcome> => ({
          name: check.name,
          excluded: excluded.has(check.name),
          failure: excluded.has(check.name) ? undefined : await failureOf(check),
        }),
      ),
    );
    for (const { name, excluded, failure } of outcomes) {
      if (!excluded) results.note(endpoint, name, failure === undefined);
    }
    const failed = outcomes.some((each) => each.failure !== undefined);
    if (!failed && parameters['verbose'] === undefined) return { ...text('ok'), headers: PLAIN };
    const lines = outcomes.map(lineOf);
    const unknown = [...excluded].filter((name) => !checks.some((check) => check.name === name)).sort();
    if (unknown.length > 0) {
      const names = unknown.map((name) => JSON.stringify(name)).join(',');
      lines.push(`warn: some health checks cannot be excluded: no matches for ${names}`);
    }
    lines.push(`${endpoint} check ${failed ? 'failed' : 'passed'}`);
    return { ...text(`${lines.join('\n')}\n`, failed ? 500 : 200), headers: PLAIN };
  };
}

async function single(check: HealthCheck | undefined): Promise<PathAnswer | undefined> {
  if (check === undefined) return undefined;
  const failure = await failureOf(check);
  if (failure === undefined) return text('ok');
  return { ...text(`internal server error: ${failure}\n`, 500), headers: PLAIN };
}

function lineOf({ name, excluded, failure }: Outcome): string {
  if (excluded) return `[+]${name} excluded: ok`;
  return failure === undefined ? `[+]${name} ok` : `[-]${name} failed: reason withheld`;
}

async function failureOf(each: HealthCheck): Promise<string | undefined> {
  try {
    await each.check();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
