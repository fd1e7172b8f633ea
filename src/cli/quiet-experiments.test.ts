import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

test('quietExperiments() keeps what is experimental to itself, and no other warning', () => {
  const script = `
    import { quietExperiments } from ${JSON.stringify(new URL('./quiet-experiments.ts', import.meta.url).href)};
    quietExperiments();
    process.emitWarning('a part is experimental', 'ExperimentalWarning');
    process.emitWarning('the user should know');`;
  const { stderr, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  assert.equal(status, 0);
  assert.match(stderr, /Warning: the user should know/);
  assert.doesNotMatch(stderr, /experimental/);
});
