import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { programRanges } from './resident-pages.ts';

const mapping = (head: string, anonymous: number, swap = 0): string =>
  `${head}\nSize:   100 kB\nPrivate_Dirty:         8 kB\nAnonymous:         ${anonymous} kB\nSwap:                  ${swap} kB\nVmFlags: rd ex\n`;

test('what is given back of the program is what may not be written and was not', () => {
  const smaps = [
    mapping('00400000-0082e000 r--p 00000000 fe:00 7 /usr/bin/node', 0),
    mapping('0082e000-03489000 r-xp 0042e000 fe:00 7 /usr/bin/node', 0),
    mapping('07500000-07540000 r--p 07100000 fe:00 7 /usr/bin/node', 196),
    mapping('07540000-07580000 rw-p 07140000 fe:00 7 /usr/bin/node', 0),
    mapping('07580000-075c0000 r--p 07180000 fe:00 7 /usr/bin/node', 0, 4),
    mapping('7f0000000000-7f0000001000 r-xp 00000000 fe:00 8 /usr/lib/libc.so.6', 0),
    mapping('7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0 [stack]', 20),
  ].join('');
  assert.deepEqual(programRanges(smaps, '/usr/bin/node'), [
    [0x400000n, 0x82e000n],
    [0x82e000n, 0x3489000n],
  ]);
});

test('a process that gives pages back goes on as before, and is smaller', (t) => {
  if (process.platform !== 'linux') return t.skip('only Linux tells what is resident');
  const script = `
    import assert from 'node:assert/strict';
    import { createHash } from 'node:crypto';
    import { readFileSync } from 'node:fs';
    import { giveBackPages } from ${JSON.stringify(new URL('./resident-pages.ts', import.meta.url).href)};
    const files = () => Number(/^RssFile:\\s+(\\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
    const work = () => createHash('sha256').update(JSON.stringify(process.versions)).digest('hex');
    const [before, was] = [files(), work()];
    assert.equal(giveBackPages(), true);
    assert.ok(files() < before * 0.7, files() + ' of ' + before);
    assert.equal(work(), was);`;
  const said = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  assert.equal(said, '');
});
