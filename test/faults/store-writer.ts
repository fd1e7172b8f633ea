/**
 * The process that store-kill.test.ts kills: a thousand writers that never rest, each of whose answered writes becomes a line
 * `name round revision` on stdout. Usage: store-writer.ts DIRECTORY ROUND
 */
import { openSqliteStorage } from '../../src/storage/index.ts';
import { configMap } from '../../src/storage/testing/suite-objects.ts';

const WRITERS = 1000;

const directory = process.argv[2] ?? '';
let round = Number(process.argv[3]) * 1_000_000;
const storage = await openSqliteStorage({ directory });

async function write(writer: number): Promise<never> {
  const name = `w${writer}`;
  const key = `/core/configmaps/default/${name}`;
  for (;;) {
    const mine = round++;
    const value = `${mine} ${'x'.repeat(200 + (mine % 3000))}`;
    const now = await storage.get(key);
    if (mine % 17 === 3 && now !== undefined) {
      const gone = await storage.delete(key, now.revision);
      process.stdout.write(`${name} deleted ${gone.revision}\n`);
      continue;
    }
    const stored =
      now === undefined
        ? await storage.create(key, configMap(name, value))
        : await storage.update(key, configMap(name, value), now.revision);
    process.stdout.write(`${name} ${mine} ${stored.revision}\n`);
  }
}

await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
