/** What every runtime must do with commands beside a container and with joining its own streams. */
import assert from 'node:assert/strict';
import type { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import type { RemoteProcess, WantedStreams } from '../../../apimachinery/streaming/index.ts';
import type { Runtime } from '../runtime.ts';

const ALL: WantedStreams = { stdin: true, stdout: true, stderr: true, tty: false };

/** What these rules need of a test's stage. */
export interface StreamStage {
  readonly runtime: Runtime;
  /** Runs a container of that script. */
  runScript(script: string): Promise<{ id: string }>;
  /** Runs a container of that script with a standard input, which ends with the first who was attached. */
  runReader(script: string, tty: boolean): Promise<{ id: string }>;
  logged(text: string): Promise<void>;
  ended(id: string): Promise<unknown>;
}

/** Registers one rule for runtimes that run commands. */
type Rule = (title: string, body: (stage: StreamStage) => Promise<void>) => void;

const FOREVER = 'exec sleep 1000';

async function exec(stage: StreamStage, script: string, wanted = ALL): Promise<RemoteProcess> {
  const { id } = await stage.runScript(FOREVER);
  return stage.runtime.exec(id, ['sh', '-c', script], wanted);
}

/** What every runtime's exec, attach and port-forward have to do, a test each. */
export function rulesOfStreams(rule: Rule): void {
  rule('a command beside a container has its streams and tells its exit code', async (stage) => {
    const process = await exec(stage, 'read a; echo "$GREETING $a"; echo no >&2; exit 7');
    process.stdin?.write('you\n');
    assert.equal(await text(process.stdout as Readable), 'hej you\n');
    assert.equal(await text(process.stderr as Readable), 'no\n');
    assert.equal(await process.exit, 7);
    process.close();
  });

  rule('a command sees the end of its input while its output goes on', async (stage) => {
    const process = await exec(stage, 'cat; echo over');
    process.stdin?.end('all of it, ');
    assert.equal(await text(process.stdout as Readable), 'all of it, over\n');
    assert.equal(await process.exit, 0);
    process.close();
  });

  rule('megabytes go through a command, whole and in order', async (stage) => {
    const process = await exec(stage, 'cat', { ...ALL, stderr: false });
    const sent = Buffer.alloc(4 * 1024 * 1024, 'longshore ');
    sent.write('begin');
    sent.write('end', sent.length - 3);
    process.stdin?.end(sent);
    assert.ok((await buffer(process.stdout as Readable)).equals(sent));
    assert.equal(await process.exit, 0);
    process.close();
  });

  rule('a command gets a terminal, and the sizes that it is told', async (stage) => {
    const script =
      'test -t 0 && test -t 1 && echo terminal; while [ "$(stty size)" != "43 132" ]; do sleep 0.05; done; read a; echo "<$a>"; exit 3';
    const process = await exec(stage, script, { stdin: true, stdout: true, stderr: false, tty: true });
    process.resize({ width: 132, height: 43 });
    process.stdin?.write('word\n');
    const said = await text(process.stdout as Readable);
    assert.match(said, /terminal\r\n/);
    assert.match(said, /<word>\r\n/);
    assert.equal(await process.exit, 3);
    process.close();
  });

  rule('a command that does not exist is told by name', async (stage) => {
    const { id } = await stage.runScript(FOREVER);
    await assert.rejects(async () => {
      const process = await stage.runtime.exec(id, ['no-such-program-here'], { ...ALL, stdin: false });
      try {
        await process.exit;
      } finally {
        process.close();
      }
    }, /no-such-program-here/);
  });

  rule('a command is not run in a container that has ended', async (stage) => {
    const { id } = await stage.runScript('true');
    await stage.ended(id);
    await assert.rejects(stage.runtime.exec(id, ['true'], ALL), /CONTAINER_EXITED/);
    await assert.rejects(stage.runtime.attach(id, ALL), /CONTAINER_EXITED/);
  });

  rule('a command ends with its container', async (stage) => {
    const { id } = await stage.runScript('trap "exit 0" TERM; echo ready; while :; do sleep 0.05; done');
    await stage.logged('ready');
    const process = await stage.runtime.exec(id, ['sleep', '1000'], { ...ALL, stdin: false });
    const over = process.exit.catch(() => 137);
    await stage.runtime.stopContainer(id, 5);
    assert.notEqual(await over, 0);
    process.close();
  });

  rule('whoever joins a container sees what it says from then on, and its end', async (stage) => {
    const { id } = await stage.runScript(
      'echo before; while [ ! -e /tmp/go-$$ ] && ! [ -e go ]; do sleep 0.05; done; echo after; echo no >&2; exit 4',
    );
    await stage.logged('before');
    const process = await stage.runtime.attach(id, { ...ALL, stdin: false });
    const said = Promise.all([text(process.stdout as Readable), text(process.stderr as Readable)]);
    const go = await stage.runtime.execSync(id, ['sh', '-c', 'touch go 2>/dev/null || touch /tmp/go-1'], 10);
    // The container ends once the file is there, and may take the command with it before that has ended by itself.
    assert.ok([0, 137].includes(go.exitCode), `the command ended with ${go.exitCode}`);
    assert.deepEqual(await said, ['after\n', 'no\n']);
    await stage.ended(id);
    process.close();
  });

  rule('a container with a terminal is joined by it, and is ended with all it runs', async (stage) => {
    const script = `test -t 0 && test -t 1 && echo terminal; sleep 1000 &
      while read word; do echo "<$word> $(stty size)"; [ "$word" = go ] && exec sleep 1000; done`;
    const { id } = await stage.runReader(script, true);
    await stage.logged('terminal');
    const process = await stage.runtime.attach(id, { ...ALL, stderr: false, tty: true });
    const said: string[] = [];
    process.stdout?.on('data', (block: Buffer) => said.push(block.toString()));
    const closed = new Promise((resolve) => process.stdout?.once('end', resolve));
    process.resize({ width: 132, height: 43 });
    for (let count = 0; !said.join('').includes('43 132'); count++) {
      process.stdin?.write(`word${count}\n`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    process.stdin?.write('go\n');
    while (!said.join('').includes('<go>')) await new Promise((resolve) => setTimeout(resolve, 20));
    await stage.runtime.stopContainer(id, 0);
    await stage.ended(id);
    await closed;
    process.close();
  });

  rule('a container with a standard input reads what those who joined it write', async (stage) => {
    const script = 'echo ready; while read line; do echo "<$line>"; done; echo over';
    const { id } = await stage.runReader(script, false);
    await stage.logged('ready');
    const process = await stage.runtime.attach(id, { ...ALL, stderr: false });
    const said = text(process.stdout as Readable);
    process.stdin?.end('one\ntwo\n');
    // It was made to close its input once somebody was attached and has gone: so it ends.
    assert.equal(await said, '<one>\n<two>\nover\n');
    process.close();
    await stage.ended(id);
  });

  rule(
    'what is written to a container that has not begun to read yet is read, and so is its end',
    async (stage) => {
      const { id } = await stage.runReader('cat; echo over', false);
      const process = await stage.runtime.attach(id, { ...ALL, stderr: false });
      const said = text(process.stdout as Readable);
      process.stdin?.end('early\n');
      assert.equal(await said, 'early\nover\n');
      process.close();
      await stage.ended(id);
    },
  );
}
