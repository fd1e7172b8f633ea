import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, type TestContext, test } from 'node:test';
import { kubectl, kubectlFails } from './kubectl.ts';
import { requireKubectl } from './requirement.ts';
import { startServer, type TestServer } from './server.ts';

/** A server for the tests of one file, with the real kubectl pointed at it. */
export class KubectlSession {
  #server: TestServer | undefined;

  /** Registers the server's start and end with the test runner: make one at the top of a file. */
  constructor(args: readonly string[] = ['--runtime', 'process']) {
    before(async () => {
      this.#server = await startServer(args);
    });
    after(async () => {
      await this.#server?.[Symbol.asyncDispose]();
    });
  }

  /** The running server. */
  get server(): TestServer {
    assert.ok(this.#server, 'the server has not started yet');
    return this.#server;
  }

  /** A test that needs kubectl, and says so where there is none. */
  test(name: string, run: (t: TestContext) => Promise<void>): void {
    test(name, async (t) => {
      if (requireKubectl(t)) await run(t);
    });
  }

  /** Runs kubectl with that command line (see `words`), asserts that it succeeds and answers its standard output. */
  run(line: string | readonly string[], input?: string): Promise<string> {
    return kubectl(this.server, words(line), input);
  }

  /** Runs kubectl, asserts that it fails and answers what it says. */
  fails(line: string | readonly string[], input?: string): Promise<string> {
    return kubectlFails(this.server, words(line), input);
  }

  /** Runs kubectl until its standard output matches, and ends it then; fails when it ends before. */
  async follow(line: string, expected: RegExp): Promise<void> {
    const { kubeconfig, dataDirectory } = this.server;
    const child = spawn('kubectl', ['--kubeconfig', kubeconfig, ...words(line)], {
      env: { ...process.env, HOME: dataDirectory },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    let seen = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      seen += text;
      if (expected.test(seen)) child.kill();
    });
    await ended;
    assert.match(seen, expected, `kubectl ${line}`);
  }
}

/** A command line, split as a shell without variables would: single quotes keep blanks together. A list is split already. */
function words(line: string | readonly string[]): readonly string[] {
  if (typeof line !== 'string') return line;
  return [...line.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''));
}
