import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cronJobExtras,
  jobExtras,
  validateCronJobAnnotations,
  validateJobAnnotations,
} from './annotations.ts';

test('the annotations of a Job are read into milliseconds', () => {
  const extras = jobExtras({
    'longshore.dev/retry-delay': '1s..1m',
    'longshore.dev/fail-on-image-pull': '5m',
    'longshore.dev/ttl-after-failed': '24h',
    'longshore.dev/ttl-after-succeeded': '0s',
  });
  assert.deepEqual(extras, {
    retryDelay: { first: 1000, greatest: 60_000 },
    failOnImagePull: 300_000,
    ttlAfterFailed: 86_400_000,
    ttlAfterSucceeded: 0,
  });
  assert.deepEqual(jobExtras(undefined), {});
});

test('the annotations of a CronJob are read, with kubernetes as the default for clock changes', () => {
  assert.deepEqual(cronJobExtras(undefined), { dst: 'kubernetes' });
  const annotations = {
    'longshore.dev/run-now': 'a',
    'longshore.dev/jitter': '10m',
    'longshore.dev/dst': 'once',
    'longshore.dev/max-active': '3',
  };
  assert.deepEqual(cronJobExtras(annotations), { runNow: 'a', jitter: 600_000, dst: 'once', maxActive: 3 });
});

test('a malformed annotation is refused at its own field and counts as absent where it is stored', () => {
  const malformed: readonly (readonly [string, string, string])[] = [
    ['retry-delay', '1s', 'must be the first and the greatest delay, such as 1s..1m'],
    ['retry-delay', '1m..1s', 'the first delay must not be longer than the greatest'],
    ['retry-delay', '0s..1s', 'must be at least 1ms'],
    ['fail-on-image-pull', 'x', 'time: invalid duration "x"'],
    ['ttl-after-failed', '-1s', 'must not be negative'],
    ['ttl-after-succeeded', '5', 'time: missing unit in duration "5"'],
  ];
  for (const [name, value, why] of malformed) {
    const annotations = { [`longshore.dev/${name}`]: value };
    const errors = validateJobAnnotations(annotations);
    assert.deepEqual(
      errors.map((error) => error.toString()),
      [`metadata.annotations[longshore.dev/${name}]: Invalid value: ${JSON.stringify(value)}: ${why}`],
    );
    assert.deepEqual(jobExtras(annotations), {});
    assert.deepEqual(validateJobAnnotations(annotations, annotations), []);
  }
  const cron: readonly (readonly [string, string, string])[] = [
    ['run-now', '', 'must not be empty'],
    ['jitter', '1', 'time: missing unit in duration "1"'],
    ['dst', 'twice', 'must be "kubernetes" or "once"'],
    ['max-active', '0', 'must be a whole number from 1 to 10000'],
    ['max-active', '1.5', 'must be a whole number from 1 to 10000'],
  ];
  for (const [name, value, why] of cron) {
    const errors = validateCronJobAnnotations({ [`longshore.dev/${name}`]: value });
    assert.deepEqual(
      errors.map((error) => error.body()),
      [`Invalid value: ${JSON.stringify(value)}: ${why}`],
    );
  }
});
