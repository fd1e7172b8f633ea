import { spawnSync } from 'node:child_process';
import type { TestContext } from 'node:test';

/**
 * Whether a program is on this machine. Where it is missing, the test says so and is skipped; with
 * LONGSHORE_TESTS_MUST_RUN set (as in continuous integration) it fails instead.
 */
export function requireProgram(test: TestContext, program: string, hint: string): boolean {
  if (spawnSync('sh', ['-c', `command -v ${program}`]).status === 0) return true;
  return unmet(test, `${program} is not installed: ${hint}`);
}

/** Skips the test with that reason, or fails it where nothing may skip; answers false. */
export function unmet(test: TestContext, reason: string): false {
  if (process.env['LONGSHORE_TESTS_MUST_RUN'] !== undefined)
    throw new Error(`nothing may skip here, but ${reason}`);
  test.skip(reason);
  return false;
}

/** Whether kubectl is here; otherwise as {@link requireProgram}. */
export function requireKubectl(test: TestContext): boolean {
  return requireProgram(test, 'kubectl', 'kubernetes.io/docs/tasks/tools/install-kubectl-linux');
}
