import {
  duplicate,
  FieldError,
  forbidden,
  invalid,
  required,
  unsupported,
} from '../../apimachinery/field-error.ts';
import { goQuote } from '../../apimachinery/go-text.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { validateLabelName, validateLabelValue } from '../../apimachinery/validation/index.ts';
import { validateCidrs } from './addresses.ts';
import { roundUpToMilli } from './amounts.ts';
import { validateAmount } from './resource-amounts.ts';
import type { Node, NodeSystemInfo, Taint } from './types.ts';

type AnyNode = DeepReadonly<Node>;
const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
const NO_INFO: NodeSystemInfo = {
  architecture: '',
  bootID: '',
  containerRuntimeVersion: '',
  kernelVersion: '',
  kubeProxyVersion: '',
  kubeletVersion: '',
  machineID: '',
  operatingSystem: '',
  osImage: '',
  systemUUID: '',
};

/** Fills in what can be allocated from what is there, and what clients expect to find. */
export function applyNodeDefaults(node: Node): void {
  node.spec ??= {};
  node.status ??= {};
  const { spec, status } = node;
  if (status.capacity && !status.allocatable) status.allocatable = { ...status.capacity };
  for (const amounts of [status.capacity, status.allocatable]) {
    for (const name in amounts) amounts[name] = roundUpToMilli(amounts[name] ?? '0');
  }
  status.daemonEndpoints ??= { kubeletEndpoint: { Port: 0 } };
  status.nodeInfo = { ...NO_INFO, ...status.nodeInfo };
  if (spec.podCIDR && spec.podCIDR !== spec.podCIDRs?.[0]) spec.podCIDRs = [spec.podCIDR];
  else if (!spec.podCIDR && spec.podCIDRs?.[0]) spec.podCIDR = spec.podCIDRs[0];
}

/** Checks a node. */
export function validateNode(node: AnyNode): FieldError[] {
  const errors: FieldError[] = [];
  validateTaints(errors, 'metadata.taints', node.spec.taints);
  validateAmounts(errors, node);
  const swap = node.status.nodeInfo?.swap?.capacity;
  if (swap !== undefined && swap <= 0) {
    // Upstream says so of a place where nobody finds it.
    errors.push(invalid('metadata.nodeSwapStatus.capacity', swap, 'must be greater than zero'));
  }
  validateDeclaredFeatures(errors, node.status.declaredFeatures);
  const cidrs = node.spec.podCIDRs;
  if (cidrs?.length) validateCidrs(errors, 'spec.podCIDRs', cidrs);
  return errors;
}

/** Checks an update of a node, or of its status. */
export function validateNodeUpdate(node: AnyNode, old: AnyNode): FieldError[] {
  const errors: FieldError[] = [];
  validateAmounts(errors, node);
  validateDeclaredFeatures(errors, node.status.declaredFeatures);
  const seen = new Set<string>();
  node.status.addresses?.forEach(({ type, address }, index) => {
    const key = `${type} ${address}`;
    if (seen.has(key)) {
      errors.push(duplicate(`status.addresses[${index}]`, { Type: type, Address: address }));
    }
    seen.add(key);
  });
  if (old.spec.podCIDRs?.length && String(old.spec.podCIDRs) !== String(node.spec.podCIDRs)) {
    errors.push(forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
  }
  if (old.spec.providerID && old.spec.providerID !== node.spec.providerID) {
    const rule = 'node updates may not change providerID except from "" to valid';
    errors.push(forbidden('spec.providerID', rule));
  }
  validateTaints(errors, 'metadata.taints', node.spec.taints);
  if ((node.spec.externalID ?? '') !== (old.spec.externalID ?? '')) {
    errors.push(forbidden('spec.externalID', 'may not be updated'));
  }
  return errors;
}

function validateAmounts(errors: FieldError[], { status }: AnyNode): void {
  for (const list of ['capacity', 'allocatable'] as const) {
    for (const name in status[list]) {
      validateAmount(errors, `status.${list}.${name}`, name, status[list]?.[name] ?? '0');
    }
  }
}

/** In segments, the first of which begins with a capital: `MyFeature/mySubFeature`. */
const FEATURE_NAME = /^[A-Z][a-zA-Z0-9]*(\/[a-zA-Z][a-zA-Z0-9]*)*$/;
const FEATURE_NAME_BYTES_MAX = 253;
const FEATURE_NAME_RULE =
  "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes";

function validateDeclaredFeatures(errors: FieldError[], features: readonly string[] = []): void {
  features.forEach((feature, index) => {
    const at = `status.declaredFeatures[${index}]`;
    const rule =
      Buffer.byteLength(feature) > FEATURE_NAME_BYTES_MAX
        ? `must be no more than ${FEATURE_NAME_BYTES_MAX} characters`
        : FEATURE_NAME.test(feature)
          ? undefined
          : FEATURE_NAME_RULE;
    if (rule !== undefined) {
      errors.push(invalid(at, feature, `invalid feature name ${goQuote(feature)}: ${rule}`));
    }
    const next = features[index + 1];
    if (next === undefined) return;
    const after = `status.declaredFeatures[${index + 1}]`;
    if (feature === next) errors.push(duplicate(after, next));
    else if (feature > next) errors.push(invalid(after, next, 'list must be sorted alphabetically'));
  });
}

function validateTaints(errors: FieldError[], path: string, taints: DeepReadonly<Taint[]> | undefined): void {
  const seen = new Set<string>();
  taints?.forEach((taint, index) => {
    const { key, value = '', effect, timeAdded } = taint;
    const at = `${path}[${index}]`;
    errors.push(...validateLabelName(key, `${at}.key`));
    const wrongs = validateLabelValue(value);
    if (wrongs.length > 0) errors.push(invalid(`${at}.value`, value, wrongs.join(';')));
    if (!effect) errors.push(required(`${at}.effect`));
    else if (!EFFECTS.includes(effect)) errors.push(unsupported(`${at}.effect`, effect, EFFECTS));
    const pair = `${effect} ${key}`;
    if (seen.has(pair)) {
      const shown = { Key: key, Value: value, Effect: effect, TimeAdded: timeAdded ?? null };
      const rule = 'taints must be unique by key and effect pair';
      errors.push(new FieldError('FieldValueDuplicate', at, shown, rule));
    }
    seen.add(pair);
  });
}
