import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { systemClock } from '../../../apimachinery/clock.ts';
import { systemRandom } from '../../../apimachinery/random.ts';
import { runtimeSuite } from '../testing/suite.ts';
import { newProcessRuntime } from './index.ts';

const root = mkdtempSync(join(tmpdir(), 'longshore-process-test-'));
after(() => rmSync(root, { recursive: true, force: true }));

runtimeSuite('process', async () => {
  const options = { clock: systemClock, random: systemRandom, directory: join(root, systemRandom.uuid()) };
  return {
    runtime: newProcessRuntime(options),
    image: 'busybox',
    reopen: async () => newProcessRuntime(options),
  };
});
