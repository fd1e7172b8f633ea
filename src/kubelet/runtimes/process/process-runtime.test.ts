import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { PATIENCE } from '../../../../test/harness/patience.ts';
import { systemClock } from '../../../apimachinery/clock.ts';
import { systemRandom } from '../../../apimachinery/random.ts';
import { openOwner } from '../owner.ts';
import { type RuntimeUnderTest, runtimeSuite } from '../testing/suite.ts';
import { newProcessRuntime } from './index.ts';

const root = mkdtempSync(join(tmpdir(), 'longshore-process-test-'));
after(() => rmSync(root, { recursive: true, force: true }));

for (const namespaces of [true, false]) {
  const open = async (): Promise<RuntimeUnderTest> => {
    const directory = join(root, systemRandom.uuid());
    const owner = openOwner({ directory: root, endsWithProcess: false, random: systemRandom });
    const options = { clock: systemClock, random: systemRandom, owner, directory, namespaces };
    return {
      runtime: newProcessRuntime(options),
      image: 'busybox',
      reopen: async () => newProcessRuntime(options),
    };
  };
  runtimeSuite(namespaces ? 'process' : 'process without namespaces', open, PATIENCE);
}
