/**
 * Replays what a Kubernetes 1.36 server answered to pods and pod templates against the rules, where the recording lies
 * beside the checkout.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { FieldError } from '../../../apimachinery/field-error.ts';
import type { Job } from '../../batch/types.ts';
import type { Pod, PodSpec } from '../types.ts';
import { applyPodDefaults, applyPodTemplateDefaults } from './defaults.ts';
import { validatePodCreate, validatePodTemplateSpec } from './validation.ts';
import { podTemplateWarnings, podWarnings } from './warnings.ts';

interface Answer {
  readonly code: number;
  readonly body?: (Pod | Job) & { readonly details?: { readonly causes?: readonly object[] } };
  readonly warnings?: readonly string[];
}
interface Case {
  readonly name: string;
  readonly steps: readonly { readonly body?: Pod | Job; readonly pick?: string }[];
  readonly expect: readonly (Answer | null)[];
}

const RECORDING = new URL('../../../../../shared/oracle/kubernetes-1.36.json', import.meta.url);
const recorded = existsSync(RECORDING);

function read(): readonly Case[] {
  const cases = recorded ? (JSON.parse(readFileSync(RECORDING, 'utf8')) as Case[]) : [];
  return cases.filter(({ name }) =>
    /^(?:pod create|pod: defaults|job template|job create: minimal)/.test(name),
  );
}

const causesOf = (errors: readonly FieldError[]): object[] =>
  errors.map((each) => ({ field: each.field, message: each.body(), reason: each.type }));

/** What admission adds to every pod is left out; the recording's placeholder for a duration is put in. */
function comparable(spec: PodSpec): unknown {
  const {
    preemptionPolicy: _,
    priority: __,
    tolerations: ___,
    volumes = [],
    ...rest
  } = structuredClone(spec);
  const volumesOfPod = volumes.filter((each) => !each.name.startsWith('kube-api-access-'));
  for (const container of [...(rest.initContainers ?? []), ...(rest.containers ?? [])]) {
    const own = (container.volumeMounts ?? []).filter((each) => !each.name.startsWith('kube-api-access-'));
    container.volumeMounts = own;
  }
  return JSON.parse(JSON.stringify({ ...rest, volumes: volumesOfPod }), (_key, value: unknown) =>
    typeof value === 'string' && /^\d+[smhd]$/.test(value) ? '<age>' : value,
  );
}

if (!recorded) {
  test('pods and templates are judged as Kubernetes judged them', {
    skip: 'the recording is not there',
  }, () => {});
}

for (const { name, steps, expect } of read()) {
  const body = steps[0]?.body;
  const answer = expect[0];
  // Broken amounts are the decoder's business; it also drops empty names.
  if (!body || !answer || steps[0]?.pick !== undefined || /bad quantity|imagePullSecrets/.test(name))
    continue;
  test(`as Kubernetes: ${name}`, () => {
    const object = structuredClone(body);
    let spec: PodSpec;
    let errors: readonly FieldError[];
    let warnings: readonly string[] = [];
    if (object.kind === 'Pod') {
      const pod = object as Pod;
      spec = pod.spec;
      applyPodDefaults(pod);
      spec.serviceAccountName = 'default';
      spec.serviceAccount = 'default';
      errors = validatePodCreate(pod);
      warnings = podWarnings(pod);
    } else {
      const { template } = (object as Job).spec;
      spec = template.spec as PodSpec;
      applyPodTemplateDefaults(template);
      errors = validatePodTemplateSpec(template, 'spec.template');
      warnings = podTemplateWarnings(template, 'spec.template');
    }
    assert.deepEqual(causesOf(errors), answer.body?.details?.causes ?? []);
    if (answer.code !== 201) return;
    const texts = warnings.map((each) => `299 - ${JSON.stringify(each)}`).join(', ');
    assert.equal(texts, (answer.warnings ?? []).join(', '));
    const stored = answer.body as Pod | Job;
    const expected = stored.kind === 'Pod' ? (stored as Pod).spec : (stored as Job).spec.template.spec;
    assert.deepEqual(comparable(spec), comparable(expected as PodSpec));
  });
}
