/** What really ran, by what the containers themselves wrote down. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pod } from '../../../src/apis/core/types.ts';

const linesOf = (file: string): string[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');

/** Fails when two pods of one index ran at the same time: each pod's beats come without another's between them. */
export function checkApart(directory: string): void {
  for (const name of readdirSync(directory).filter((each) => each.startsWith('beats.'))) {
    const pods = linesOf(join(directory, name));
    const runs = pods.filter((pod, i) => pod !== pods[i - 1]);
    assert.equal(new Set(runs).size, runs.length, `in ${name} pods ran at the same time: ${runs.join(' ')}`);
  }
}

/** Fails when a pod that may run once began more often, or is told as succeeded without having come to its end. */
export function checkRuns(directory: string, pods: readonly Pod[]): void {
  const lines = linesOf(join(directory, 'runs'));
  for (const { metadata, spec, status } of pods) {
    const count = (what: string): number =>
      lines.filter((line) => line === `${what} ${metadata.name}`).length;
    if (spec.restartPolicy === 'Never') {
      assert.ok(count('start') <= 1, `${metadata.name} began ${count('start')} times`);
    }
    if (status.phase === 'Succeeded') assert.ok(count('end') >= 1, `${metadata.name} never came to its end`);
  }
}
