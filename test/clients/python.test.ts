/** The Python client, exactly as people write it, against the real server: the tests of `python/`, one by one. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { unmet } from '../harness/requirement.ts';
import { execute, startServer } from '../harness/server.ts';

const PYTHON = process.env['LONGSHORE_TEST_PYTHON'] ?? '/usr/bin/python3';
const SUITE = join(import.meta.dirname, 'python');
/** How many tests `python/` has at least: fewer mean that some were not found. */
const TESTS_MIN = 34;

test('the Python client does all that its own end-to-end tests do with the kinds that are served', async (t) => {
  const probe = await execute(PYTHON, ['-c', 'import kubernetes']).catch(() => undefined);
  if (
    probe?.code !== 0 &&
    !unmet(t, "Python's kubernetes client is not installed: apt-get install python3-kubernetes")
  )
    return;
  await using server = await startServer(['--runtime', 'process']);
  const env = { ...process.env, KUBECONFIG: server.kubeconfig };
  const args = ['-W', 'ignore', '-B', '-m', 'unittest', 'discover', '-v', '-s', SUITE];
  const { code, stderr } = await execute(PYTHON, args, { env, cwd: SUITE, timeoutMs: 240_000 });
  const ran = Number(/^Ran (\d+) tests/m.exec(stderr)?.[1]);
  assert.equal(code, 0, stderr);
  assert.ok(ran >= TESTS_MIN, `${ran} tests ran: ${stderr}`);
});
