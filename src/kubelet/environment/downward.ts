/** What a pod may learn about itself: fieldRef and resourceFieldRef. Source: Downward API. */
import { goQuote } from '../../apimachinery/go-text.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { parseQuantity } from '../../apimachinery/quantity.ts';
import type { Container, Pod, ResourceFieldSelector } from '../../apis/core/types.ts';
import { ConfigError } from './config-error.ts';

/** What is known on the node alone. */
export interface DownwardContext {
  readonly podIPs: readonly string[];
  readonly hostIPs: readonly string[];
  /** What the node has for pods: the limit of a container that sets none. */
  readonly allocatable: Readonly<Record<string, string>>;
}

/** The value of a field path such as `metadata.labels['app']`. Throws {@link ConfigError} for a path that is not supported. */
export function fieldValue(pod: DeepReadonly<Pod>, path: string, context: DownwardContext): string {
  const { metadata, spec } = pod;
  const subscript = /^metadata\.(labels|annotations)\['([^']*)'\]$/.exec(path);
  if (subscript !== null) {
    return metadata[subscript[1] === 'labels' ? 'labels' : 'annotations']?.[subscript[2] ?? ''] ?? '';
  }
  switch (path) {
    case 'metadata.name':
      return metadata.name;
    case 'metadata.namespace':
      return metadata.namespace ?? '';
    case 'metadata.uid':
      return metadata.uid;
    case 'metadata.labels':
      return formatMap(metadata.labels);
    case 'metadata.annotations':
      return formatMap(metadata.annotations);
    case 'spec.nodeName':
      return spec.nodeName ?? '';
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? '';
    case 'status.hostIP':
      return context.hostIPs[0] ?? '';
    case 'status.hostIPs':
      return context.hostIPs.join(',');
    case 'status.podIP':
      return context.podIPs[0] ?? '';
    case 'status.podIPs':
      return context.podIPs.join(',');
    default:
      throw new ConfigError(`field label not supported: ${path}`);
  }
}

/** Labels or annotations as a file shows them: `name="value"`, a line each, sorted by name. */
function formatMap(map: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(map ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${goQuote(value)}`)
    .join('\n');
}

/**
 * The value of `limits.cpu`, `requests.memory` and so on, in units of the divisor, rounded up. A limit that is not set is
 * the node's own amount.
 */
export function resourceValue(
  reference: DeepReadonly<ResourceFieldSelector>,
  pod: DeepReadonly<Pod>,
  container: DeepReadonly<Container> | undefined,
  context: DownwardContext,
): string {
  const name = reference.containerName;
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const of = name ? all.find((each) => each.name === name) : container;
  if (of === undefined) throw new ConfigError(`container ${name ?? ''} not found`);
  const [, list, resource = ''] = /^(limits|requests)\.(.+)$/.exec(reference.resource) ?? [];
  const known = /^(cpu|memory|ephemeral-storage|hugepages-.+)$/.test(resource);
  if (list === undefined || !known)
    throw new ConfigError(`unsupported container resource : ${reference.resource}`);
  const given = of.resources?.[list === 'limits' ? 'limits' : 'requests']?.[resource];
  const amount = parseQuantity(given ?? (list === 'limits' ? (context.allocatable[resource] ?? '0') : '0'));
  const divisor = parseQuantity(reference.divisor && reference.divisor !== '0' ? reference.divisor : '1');
  const whole =
    resource === 'cpu' ? amount.milliValue() / divisor.milliValue() : amount.value() / divisor.value();
  return String(Math.ceil(whole));
}
