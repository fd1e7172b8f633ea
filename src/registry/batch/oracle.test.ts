/**
 * Replays what a Kubernetes 1.36 server answered to new Jobs and CronJobs against the strategies, where the recording lies
 * beside the checkout. What happens before a strategy (decoding, routing) is not part of this.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { rfc3339 } from '../../apimachinery/clock.ts';
import type { FieldError } from '../../apimachinery/field-error.ts';
import type { ApiObject } from '../../apimachinery/meta/object.ts';
import { newInvalid } from '../../apimachinery/status-error.ts';
import { validateObjectMeta } from '../../apimachinery/validation/index.ts';
import type { RequestContext, ResourceDefinition } from '../../apiserver/resource.ts';
import { cronJobs, jobs } from './index.ts';

interface Step {
  readonly method?: string;
  readonly path?: string;
  readonly body?: ApiObject;
  readonly pick?: string;
}
interface Case {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly expect: readonly ({ readonly code: number; readonly body: unknown } | null)[];
}

const RECORDING = new URL('../../../../shared/oracle/kubernetes-1.36.json', import.meta.url);
const NAMESPACE = 'o-recorded';
const UID = '00000000-0000-4000-8000-000000000000';

function read(): readonly Case[] {
  return existsSync(RECORDING) ? (JSON.parse(readFileSync(RECORDING, 'utf8')) as Case[]) : [];
}

function definitionOf(path: string): ResourceDefinition | undefined {
  const resources: readonly ResourceDefinition[] = [
    jobs as ResourceDefinition,
    cronJobs as ResourceDefinition,
  ];
  return resources.find((each) => path === `/apis/batch/v1/namespaces/$NS/${each.resource}`);
}

/** What the server does around a strategy when an object is created. */
function create(definition: ResourceDefinition, body: ApiObject): { code: number; body: unknown } {
  const object: ApiObject = structuredClone(body);
  object.metadata = { ...object.metadata, namespace: NAMESPACE, uid: UID, creationTimestamp: rfc3339(0) };
  const context: RequestContext = {
    user: { username: 'test', groups: [] },
    request: {
      verb: 'create',
      group: definition.group,
      version: definition.version,
      resource: definition.resource,
    },
    now: 0,
    warn: () => {},
    annotate: () => {},
  };
  const { strategy } = definition;
  strategy.applyDefaults(object);
  strategy.prepareForCreate(object, context);
  const errors: FieldError[] = [
    ...validateObjectMeta(object.metadata, true),
    ...strategy.validateCreate(object, context),
  ];
  if (errors.length === 0) return { code: 201, body: object };
  return {
    code: 422,
    body: newInvalid(definition.group, definition.kind, object.metadata.name, errors).status,
  };
}

/** The recording's placeholders; keys in order. */
function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normal);
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).filter(([key]) => key !== 'uid' && key !== 'description');
    return Object.fromEntries(entries.map(([key, each]) => [key, normal(each)]));
  }
  if (typeof value !== 'string') return value;
  if (/^\d+[smhd]$/.test(value)) return '<age>';
  return value
    .replaceAll(NAMESPACE, '$NS')
    .replaceAll(UID, '<uid>')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '<time>');
}

for (const { name, steps, expect } of read()) {
  const [step] = steps;
  const [expected] = expect;
  const definition = definitionOf(step?.path ?? '');
  // What decoding drops or refuses is not the strategy's.
  if (!/^(?:cron)?job/.test(name)) continue;
  if (definition === undefined || step?.method !== 'POST' || step.body === undefined || !expected?.body)
    continue;
  if (step.pick !== undefined || ![201, 422].includes(expected.code)) continue;
  if (typeof step.body.metadata !== 'object' || step.body.kind !== definition.kind) continue;
  const body = step.body;
  test(`as Kubernetes: ${name}`, () => {
    assert.deepEqual(normal(create(definition, body)), normal({ code: expected.code, body: expected.body }));
  });
}
