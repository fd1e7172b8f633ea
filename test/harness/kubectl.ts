/** The real kubectl against a test's server. */
import assert from 'node:assert/strict';
import type { TestServer } from './server.ts';

/** Runs kubectl, asserts that it succeeds and answers its standard output. */
export async function kubectl(server: TestServer, args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await server.kubectl(args, input);
  assert.equal(code, 0, `kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Runs kubectl, asserts that it fails and answers what it says. */
export async function kubectlFails(
  server: TestServer,
  args: readonly string[],
  input?: string,
): Promise<string> {
  const { code, stdout, stderr } = await server.kubectl(args, input);
  assert.notEqual(code, 0, `kubectl ${args.join(' ')} should fail, and said ${stdout}`);
  return stderr;
}
