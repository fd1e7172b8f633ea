import { type FieldError, invalid, required } from '../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { validateDns1123Subdomain, validateQualifiedName } from '../../apimachinery/validation/index.ts';
import { reportEach } from './report.ts';
import { sameMeaning } from './semantic-equality.ts';
import type { Event, EventSource, ObjectReference } from './types.ts';

type AnyEvent = DeepReadonly<Event>;
const TEXT_MAX = 128;
const NOTE_MAX = 1024;
const ELSEWHERE = 'does not match event.namespace';
const NOT_SET = 'needs to be unset';

/** Fills in what clients expect to find: times that are null, texts that are empty. */
export function applyEventDefaults(event: Event): void {
  const fields = event as unknown as Record<string, unknown>;
  for (const time of ['eventTime', 'firstTimestamp', 'lastTimestamp']) fields[time] ??= null;
  event.involvedObject ??= {};
  event.reportingComponent ??= '';
  event.reportingInstance ??= '';
  event.source ??= {};
}

/** Checks an event; `newApi`: it came through events.k8s.io, whose rules are stricter. */
export function validateEvent(event: AnyEvent, newApi: boolean): FieldError[] {
  const errors = validateAnyEvent(event, newApi);
  if (!newApi) return errors;
  validateSeries(errors, event);
  if (!event.eventTime) errors.push(required('eventTime'));
  if (event.type !== 'Normal' && event.type !== 'Warning') {
    errors.push(invalid('type', '', `has invalid value: ${event.type ?? ''}`));
  }
  for (const field of ['firstTimestamp', 'lastTimestamp', 'count'] as const) {
    if (event[field]) errors.push(invalid(field, '', NOT_SET));
  }
  if (event.source?.component || event.source?.host) errors.push(invalid('source', '', NOT_SET));
  return errors;
}

/** What stays as it was, in upstream's order, which has one twice; texts that are not set are shown as empty. */
const CONSTANT = [
  ['involvedObject', goReference],
  ['reason', textOf],
  ['message', textOf],
  [
    'source',
    ({ component = '', host = '' }: DeepReadonly<EventSource>) => ({ Component: component, Host: host }),
  ],
  ['firstTimestamp', asItIs],
  ['lastTimestamp', asItIs],
  ['count', (count: number | undefined) => count ?? 0],
  ['reason', textOf],
  ['type', textOf],
  ['eventTime', asItIs],
  ['action', textOf],
  ['related', (related: DeepReadonly<ObjectReference> | undefined) => related && goReference(related)],
  ['reportingComponent', textOf],
  ['reportingInstance', textOf],
] as const satisfies readonly (readonly [keyof Event, (value: never) => unknown])[];

/**
 * Checks an update of an event; through events.k8s.io only its series may change. `change` is what is wrong with the
 * metadata there.
 */
export function validateEventUpdate(
  event: AnyEvent,
  old: AnyEvent,
  newApi: boolean,
  change: readonly FieldError[] = [],
): FieldError[] {
  const errors = validateAnyEvent(event, newApi);
  if (!newApi) return errors;
  errors.push(...change);
  if (!sameMeaning(event.series, old.series)) validateSeries(errors, event);
  for (const [field, shown] of CONSTANT) {
    if (sameMeaning(event[field], old[field])) continue;
    const name = field === 'reportingComponent' ? 'reportingController' : field;
    errors.push(invalid(name, (shown as (value: unknown) => unknown)(event[field]), 'field is immutable'));
  }
  return errors;
}

function textOf(text: string | undefined): string {
  return text ?? '';
}

/** As Go prints a reference. */
function goReference(reference: DeepReadonly<ObjectReference>): unknown {
  const { kind = '', namespace = '', name = '', uid = '', apiVersion = '', resourceVersion = '' } = reference;
  return {
    Kind: kind,
    Namespace: namespace,
    Name: name,
    UID: uid,
    APIVersion: apiVersion,
    ResourceVersion: resourceVersion,
    FieldPath: reference.fieldPath ?? '',
  };
}

function asItIs(value: unknown): unknown {
  return value;
}

function validateSeries(errors: FieldError[], { series }: AnyEvent): void {
  if (!series) return;
  if ((series.count ?? 0) < 2) errors.push(invalid('series.count', '', 'should be at least 2'));
  if (!series.lastObservedTime) errors.push(required('series.lastObservedTime'));
}

function validateAnyEvent(event: AnyEvent, newApi: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const namespace = event.metadata.namespace ?? '';
  const about = event.involvedObject.namespace ?? '';
  if (!event.eventTime) {
    const same = about === '' ? namespace === '' || namespace === 'default' : about === namespace;
    if (!same) errors.push(invalid('involvedObject.namespace', about, ELSEWHERE));
  } else {
    if (about === '' && namespace !== 'default' && namespace !== 'kube-system') {
      errors.push(invalid('involvedObject.namespace', about, ELSEWHERE));
    }
    validateReporter(errors, event, newApi ? 'reportingController' : 'reportingComponent');
  }
  reportEach(errors, 'namespace', namespace, validateDns1123Subdomain(namespace));
  return errors;
}

function validateReporter(errors: FieldError[], event: AnyEvent, field: string): void {
  const { reportingComponent = '', reportingInstance = '', action = '', reason = '', message = '' } = event;
  if (reportingComponent === '') errors.push(required(field));
  reportEach(errors, field, reportingComponent, validateQualifiedName(reportingComponent));
  const limited = (name: string, text: string): void => {
    if (text === '') errors.push(required(name));
    if (text.length > TEXT_MAX) errors.push(invalid(name, '', `can have at most ${TEXT_MAX} characters`));
  };
  limited('reportingInstance', reportingInstance);
  limited('action', action);
  limited('reason', reason);
  if (message.length > NOTE_MAX)
    errors.push(invalid('message', '', `can have at most ${NOTE_MAX} characters`));
}
