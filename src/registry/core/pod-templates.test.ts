import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodTemplate } from '../../apis/core/types.ts';
import { podTemplates } from './pod-templates.ts';

test('a template that has changed is warned of as a new one is, and one that has not is not', () => {
  const template = {
    metadata: { name: 't', generation: 1 },
    template: { spec: { containers: [], imagePullSecrets: [{ name: '' }] } },
  } as unknown as PodTemplate;
  const { strategy } = podTemplates;
  const changed = { ...template, metadata: { ...template.metadata, generation: 2 } };
  assert.deepEqual(strategy.warningsOnUpdate?.(changed, template, {} as never), [
    'template.spec.imagePullSecrets[0].name: invalid empty name ""',
  ]);
  assert.deepEqual(strategy.warningsOnUpdate?.(template, template, {} as never), []);
});
