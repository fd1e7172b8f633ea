import assert from 'node:assert/strict';
import { test } from 'node:test';
import { levelVersionText, policyOfLabels, uniformPolicy } from './index.ts';

const PRIVILEGED = uniformPolicy({ level: 'privileged', version: Infinity });

function shown(labels: Record<string, string>, defaults = PRIVILEGED): string {
  const prefixed = Object.entries(labels).map(([key, value]) => [`pod-security.kubernetes.io/${key}`, value]);
  const { policy } = policyOfLabels(Object.fromEntries(prefixed) as Record<string, string>, defaults);
  return [policy.enforce, policy.audit, policy.warn].map(levelVersionText).join(' ');
}

test('labels set what is enforced, noted and warned of; what they leave out is the default', () => {
  assert.equal(shown({}), 'privileged:latest privileged:latest privileged:latest');
  assert.equal(
    shown({ audit: 'baseline', 'audit-version': 'v1.30', warn: 'restricted' }),
    'privileged:latest baseline:v1.30 restricted:latest',
  );
});

test('what is enforced is warned of too, unless the labels say what to warn of', () => {
  assert.equal(
    shown({ enforce: 'baseline', 'enforce-version': 'v1.25' }),
    'baseline:v1.25 privileged:latest baseline:v1.25',
  );
  assert.equal(shown({ enforce: 'restricted', warn: 'privileged' }).endsWith('privileged:latest'), true);
  const strict = uniformPolicy({ level: 'restricted', version: 30 });
  assert.equal(shown({ enforce: 'baseline' }, strict), 'baseline:v1.30 restricted:v1.30 restricted:v1.30');
});

test('what cannot be read is refused with its label, and meanwhile counts as the strictest to enforce', () => {
  const labels = {
    'pod-security.kubernetes.io/enforce': 'strict',
    'pod-security.kubernetes.io/warn-version': '1.30',
    'pod-security.kubernetes.io/audit': 'none',
  };
  const { policy, errors } = policyOfLabels(labels, PRIVILEGED);
  assert.deepEqual(errors.map(String), [
    'metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted',
    'metadata.labels[pod-security.kubernetes.io/audit]: Invalid value: "none": must be one of privileged, baseline, restricted',
    'metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "1.30": must be "latest" or "v1.x"',
  ]);
  assert.deepEqual([policy.enforce, policy.audit, policy.warn].map(levelVersionText), [
    'restricted:latest',
    'privileged:latest',
    'privileged:latest',
  ]);
});
