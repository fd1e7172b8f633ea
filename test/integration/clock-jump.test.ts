/** The clock of a whole server is set forward and back under its running pods (libfaketime; kubectl has the true time). */
import assert from 'node:assert/strict';
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Node, Pod } from '../../src/apis/core/types.ts';
import { poll } from '../harness/poll.ts';
import { requireKubectl, unmet } from '../harness/requirement.ts';
import { startServer, type TestServer } from '../harness/server.ts';

/** Where Debian's package libfaketime puts its library. */
const LIBRARY = '/usr/lib/*/faketime/libfaketime.so.1';

const LASTING = {
  restartPolicy: 'Never',
  terminationGracePeriodSeconds: 1,
  containers: [
    {
      name: 'c',
      image: 'x',
      command: [
        'sh',
        '-c',
        'while :; do cat var/run/secrets/kubernetes.io/serviceaccount/token; echo; sleep 0.2; done',
      ],
      readinessProbe: { exec: { command: ['true'] }, periodSeconds: 1 },
    },
  ],
};
const FAILING = {
  restartPolicy: 'OnFailure',
  containers: [{ name: 'c', image: 'x', command: ['sh', '-c', 'exit 1'] }],
};

test('pods go on, and work is done, when the clock is set forward and back', async (context) => {
  const [library] = globSync(LIBRARY);
  if (library === undefined) {
    unmet(context, 'libfaketime is not installed: apt-get install libfaketime');
    return;
  }
  if (!requireKubectl(context)) return;
  const directory = mkdtempSync(join(tmpdir(), 'longshore-clock-'));
  const offset = join(directory, 'offset');
  const set = (to: string): void => writeFileSync(offset, `${to}\n`);
  set('+0');
  try {
    await using server = await startServer(['--runtime', 'process', '--sync-frequency', '500ms'], undefined, {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: offset,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    });
    const world = new Witness(server);
    await world.create('lasting', LASTING);
    await world.create('failing', FAILING);
    const before = await world.podWhen('lasting', ({ status }) => readySince(status) !== undefined);
    await world.podWhen('failing', (pod) => restartsOf(pod) > 0);
    await context.test('forward: a token is made anew before it ends', async () => {
      const [first] = await world.tokens();
      set('+2h');
      await poll('another token', async () => (await world.tokens()).at(-1) !== first);
      await world.isAsBefore(before, 'forward');
    });
    await context.test('back: nobody is locked out, and nothing is started again and again', async () => {
      set('-3h');
      await world.isAsBefore(before, 'back');
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

function readySince({ conditions = [] }: Pod['status']): string | undefined {
  return conditions.find(({ type, status }) => type === 'Ready' && status === 'True')?.lastTransitionTime;
}

const restartsOf = ({ status }: Pod): number => status.containerStatuses?.[0]?.restartCount ?? 0;

class Witness {
  readonly #server: TestServer;

  constructor(server: TestServer) {
    this.#server = server;
  }

  async kubectl(args: readonly string[], input?: string): Promise<string> {
    const { code, stdout, stderr } = await this.#server.kubectl(args, input);
    assert.equal(code, 0, stderr);
    return stdout;
  }

  async create(name: string, spec: object): Promise<void> {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec };
    await this.kubectl(['create', '-f', '-'], JSON.stringify(pod));
  }

  async podWhen(name: string, isReady: (pod: Pod) => boolean): Promise<Pod> {
    let pod: Pod | undefined;
    await poll(`pod ${name}`, async () => {
      pod = JSON.parse(await this.kubectl(['get', 'pod', name, '-o', 'json'])) as Pod;
      return isReady(pod);
    });
    return pod as Pod;
  }

  /** The tokens that the lasting pod has seen, in order. */
  async tokens(): Promise<readonly string[]> {
    let lines: string[] = [];
    await poll('a token', async () => {
      lines = (await this.kubectl(['logs', 'lasting'])).split('\n').filter((line) => line !== '');
      return lines.length > 0;
    });
    return lines;
  }

  /** A Job is done, the node is ready, and what ran before is what runs now. */
  async isAsBefore(before: Pod, job: string): Promise<void> {
    const tries = restartsOf(await this.podWhen('failing', () => true));
    await this.kubectl(['create', 'job', job, '--image=x', '--', 'true']);
    await this.kubectl(['wait', '--for=condition=Complete', `job/${job}`, '--timeout=60s']);
    const now = await this.podWhen('lasting', () => true);
    assert.equal(readySince(now.status), readySince(before.status));
    assert.equal(
      now.status.containerStatuses?.[0]?.containerID,
      before.status.containerStatuses?.[0]?.containerID,
    );
    const { items } = JSON.parse(await this.kubectl(['get', 'nodes', '-o', 'json'])) as {
      readonly items: Node[];
    };
    const ready = items[0]?.status.conditions?.find(({ type }) => type === 'Ready');
    assert.equal(ready?.status, 'True');
    // One that waits for its time may be started once too early, and no more often.
    assert.ok(restartsOf(await this.podWhen('failing', () => true)) <= tries + 2);
  }
}
