/** Pods as Kubernetes' API server shows them inside of messages: its own in-memory form, written as JSON. */
import { invariant } from '../../../../apimachinery/invariant.ts';
import type { DeepReadonly } from '../../../../apimachinery/meta/object.ts';
import type { LabelSelector } from '../../../../apimachinery/meta/types.ts';
import { isGivenEmpty } from '../../../../apimachinery/schema/index.ts';
import { shownSelector } from '../../../../apimachinery/selectors/index.ts';
import { canonicalAmount } from '../../amounts.ts';
import type {
  EphemeralContainer,
  PersistentVolumeClaimSpec,
  PersistentVolumeSpec,
  PodSpec,
  PodTemplateSpec,
  SecurityContext,
  Toleration,
  VolumeNodeAffinity,
} from '../../types.ts';
import { GO_STRUCTS } from './go-structs.ts';

/**
 * Fields that one form has at most; lists that come after are left short. A message breaks the value off long before: each
 * field takes more than five letters of the 256 KiB that it shows.
 */
const FIELDS_MAX = 60_000;

interface GoField {
  readonly name: string;
  readonly wire: string;
  readonly kind: string;
}

const parsed = new Map<string, readonly GoField[]>();

function fieldsOf(struct: string): readonly GoField[] {
  const known = parsed.get(struct);
  if (known) return known;
  const text = GO_STRUCTS[struct];
  invariant(text !== undefined, `no Go struct ${struct}`);
  const fields = text.split(', ').map((entry) => {
    const [names = '', kind = ''] = entry.split(' ');
    const [name = '', wire = name.charAt(0).toLowerCase() + name.slice(1)] = names.split(':');
    return { name, wire, kind };
  });
  parsed.set(struct, fields);
  return fields;
}

/** Fields that a form may still get. */
interface Room {
  fields: number;
}

function goForm(struct: string, value: unknown, room: Room): Record<string, unknown> {
  const source = (value ?? {}) as Record<string, unknown>;
  const form: Record<string, unknown> = {};
  const fields = fieldsOf(struct);
  room.fields -= fields.length;
  for (const { name, wire, kind } of fields) {
    const given = source[wire] ?? (isGivenEmpty(source, wire) ? EMPTY[kind.slice(0, 2)] : undefined);
    form[name] = goValue(kind, given, room);
  }
  return form;
}

/** What a message shows of a list or a map that is empty, but was given. */
const EMPTY: Readonly<Record<string, unknown>> = { '[]': [], '{}': {} };

const ZEROES: Readonly<Record<string, unknown>> = { '': '', n: 0, b: false, q: '0' };

function goValue(kind: string, value: unknown, room: Room): unknown {
  if (value === undefined || value === null) {
    if (kind in ZEROES) return ZEROES[kind];
    return /^[A-Z]/.test(kind) ? goForm(kind, {}, room) : null;
  }
  if (kind === 'q') return canonicalAmount(value as string);
  if (kind === '{}' || kind === '{}q') {
    const entries = Object.entries(value as Record<string, string>).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(
      entries.map(([key, each]) => [key, kind === '{}q' ? canonicalAmount(each) : each]),
    );
  }
  if (kind === '*selector') return shownSelector(value as LabelSelector);
  const struct = /[A-Z]\w*$/.exec(kind)?.[0];
  if (struct === undefined) return value;
  if (!kind.startsWith('[]')) return goForm(struct, value, room);
  const forms: unknown[] = [];
  for (const each of value as unknown[]) {
    if (room.fields <= 0) break;
    forms.push(goForm(struct, each, room));
  }
  return forms;
}

function wholeForm(struct: string, value: unknown): Record<string, unknown> {
  return goForm(struct, value, { fields: FIELDS_MAX });
}

/** A pod spec in that form. The host namespaces stand inside its security context. */
export function goPodSpec(spec: DeepReadonly<PodSpec>): object {
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers, securityContext } = spec;
  const host = { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers };
  return wholeForm('PodSpec', { ...spec, securityContext: { ...securityContext, ...host } });
}

/** A pod template in that form, as immutable-field messages of Jobs show it. */
export function goPodTemplate(template: DeepReadonly<PodTemplateSpec>): object {
  const { labels, annotations, ...rest } = template.metadata ?? {};
  const metadata = { ...rest, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) };
  return { ...metadata, Spec: goPodSpec(template.spec ?? { containers: [] }) };
}

/** The nodes that a volume can be reached from, in that form. */
export function goVolumeNodeAffinity(affinity: DeepReadonly<VolumeNodeAffinity> | undefined): object | null {
  return affinity === undefined ? null : wholeForm('VolumeNodeAffinity', affinity);
}

/** A toleration in that form. */
export function goToleration(toleration: DeepReadonly<Toleration>): object {
  return wholeForm('Toleration', toleration);
}

/** A container's security context in that form. */
export function goSecurityContext(context: DeepReadonly<SecurityContext>): object {
  return wholeForm('SecurityContext', context);
}

/** A container that was added to a running pod, in that form. */
export function goEphemeralContainer(container: DeepReadonly<EphemeralContainer>): object {
  return wholeForm('EphemeralContainer', container);
}

/** What a claim asks for, in that form. */
export function goClaimSpec(spec: DeepReadonly<PersistentVolumeClaimSpec>): object {
  return wholeForm('PersistentVolumeClaimSpec', spec);
}

/** Where a volume lies, in that form. */
export function goVolumeSource(spec: DeepReadonly<PersistentVolumeSpec>): object {
  return wholeForm('PersistentVolumeSource', spec);
}
