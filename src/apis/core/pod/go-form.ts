/** Pods as Kubernetes' API server shows them inside of messages: its own in-memory form, written as JSON. */
import { invariant } from '../../../apimachinery/invariant.ts';
import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import { canonicalAmount } from '../amounts.ts';
import type { EphemeralContainer, PodSpec, PodTemplateSpec, SecurityContext } from '../types.ts';
import { GO_STRUCTS } from './go-structs.ts';

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

function goForm(struct: string, value: unknown): Record<string, unknown> {
  const source = (value ?? {}) as Record<string, unknown>;
  const form: Record<string, unknown> = {};
  for (const { name, wire, kind } of fieldsOf(struct)) form[name] = goValue(kind, source[wire]);
  return form;
}

const ZEROES: Readonly<Record<string, unknown>> = { '': '', n: 0, b: false, q: '0' };

function goValue(kind: string, value: unknown): unknown {
  if (value === undefined || value === null) {
    if (kind in ZEROES) return ZEROES[kind];
    return /^[A-Z]/.test(kind) ? goForm(kind, {}) : null;
  }
  if (kind === 'q') return canonicalAmount(value as string);
  if (kind === '{}' || kind === '{}q') {
    const entries = Object.entries(value as Record<string, string>).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(
      entries.map(([key, each]) => [key, kind === '{}q' ? canonicalAmount(each) : each]),
    );
  }
  const struct = /[A-Z]\w*$/.exec(kind)?.[0];
  if (struct === undefined) return value;
  return kind.startsWith('[]')
    ? (value as unknown[]).map((each) => goForm(struct, each))
    : goForm(struct, value);
}

/** A pod spec in that form. The host namespaces stand inside its security context. */
export function goPodSpec(spec: DeepReadonly<PodSpec>): object {
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers, securityContext } = spec;
  const host = { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers };
  return goForm('PodSpec', { ...spec, securityContext: { ...securityContext, ...host } });
}

/** A pod template in that form, as immutable-field messages of Jobs show it. */
export function goPodTemplate(template: DeepReadonly<PodTemplateSpec>): object {
  const { labels, annotations, ...rest } = template.metadata ?? {};
  const metadata = { ...rest, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) };
  return { ...metadata, Spec: goPodSpec(template.spec ?? { containers: [] }) };
}

/** A container's security context in that form. */
export function goSecurityContext(context: DeepReadonly<SecurityContext>): object {
  return goForm('SecurityContext', context);
}

/** A container that was added to a running pod, in that form. */
export function goEphemeralContainer(container: DeepReadonly<EphemeralContainer>): object {
  return goForm('EphemeralContainer', container);
}
