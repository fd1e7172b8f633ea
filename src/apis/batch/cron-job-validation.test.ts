import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { validateCronJobCreate } from './cron-job-validation.ts';
import { parseSchedule } from './schedule/schedule.ts';
import { TimeZone } from './time-zone/time-zone.ts';
import type { CronJob } from './types.ts';

function cronJob(spec: { readonly schedule: string; readonly timeZone?: string }): CronJob {
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: {
      name: 'cj',
      namespace: 'ns',
      uid: 'u',
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: {
      ...spec,
      concurrencyPolicy: 'Allow',
      jobTemplate: {
        spec: {
          template: {
            spec: {
              restartPolicy: 'Never',
              dnsPolicy: 'ClusterFirst',
              terminationGracePeriodSeconds: 30,
              containers: [
                { name: 'c', image: 'i', imagePullPolicy: 'Always', terminationMessagePolicy: 'File' },
              ],
            },
          },
        },
      },
    },
    status: {},
  } as CronJob;
}

const succeeds = (act: () => unknown): boolean => {
  try {
    act();
    return true;
  } catch {
    return false;
  }
};

test('whatever is written as a schedule is taken when it can be read, and else refused in the name of its field', () => {
  const letters = fc.constantFrom(
    ...'0123456789*/,-?#LW @evry:janmoTZ='.split(''),
    '\u00a0',
    '\t',
    'é',
    '\0',
  );
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: letters }), fc.string({ unit: 'binary' })), (schedule) => {
      const errors = validateCronJobCreate(cronJob({ schedule }));
      const reads = succeeds(() => parseSchedule(schedule)) && !schedule.includes('TZ');
      assert.equal(errors.length === 0, reads);
      for (const { field } of errors) assert.equal(field, 'spec.schedule');
    }),
    { numRuns: 2000 },
  );
});

test('whatever is written as a zone is taken when there is one, and else refused in the name of its field', () => {
  const names = fc.constantFrom(
    'Europe/Berlin',
    'UTC',
    'Etc/GMT+3',
    'Local',
    'europe/berlin',
    'Mars/Base',
    '+01',
    '..',
  );
  fc.assert(
    fc.property(fc.oneof(names, fc.string(), fc.string({ unit: 'binary' })), (timeZone) => {
      const errors = validateCronJobCreate(cronJob({ schedule: '@daily', timeZone }));
      const exists = timeZone !== '' && timeZone !== 'Local' && succeeds(() => TimeZone.load(timeZone));
      assert.equal(errors.length === 0, exists);
      for (const { field } of errors) assert.equal(field, 'spec.timeZone');
    }),
    { numRuns: 1000 },
  );
});
