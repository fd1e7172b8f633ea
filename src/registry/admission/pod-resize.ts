/** Refuses a resize that the pod's node could never grant, whatever else ran there. Upstream: plugin/pkg/admission/podresize. */
import { deepEqualJson } from '../../apimachinery/json.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { parseQuantity } from '../../apimachinery/quantity.ts';
import { StatusError } from '../../apimachinery/status-error.ts';
import { podRequests } from '../../apis/core/index.ts';
import type { Node, Pod } from '../../apis/core/types.ts';
import type { AdmissionPlugin } from '../../apiserver/resource.ts';
import { forbid } from './forbid.ts';

type Amounts = Readonly<Record<string, string>>;

/** See the file's head. */
export const podResize: AdmissionPlugin = {
  name: 'PodResizeValidator',
  phase: 'validating',
  handles: ({ group, resource, subresource }) =>
    group === '' && resource === 'pods' && subresource === 'resize',
  async admit(object, old, { request }, { storage }) {
    if (object === undefined || old === undefined) return;
    const [{ spec }, before] = [object, old] as unknown as [DeepReadonly<Pod>, DeepReadonly<Pod>];
    const { nodeName = '' } = spec;
    if (nodeName === '' || deepEqualJson(spec, before.spec)) return;
    const node = (await storage.get(`/core/nodes/${nodeName}`))?.object as DeepReadonly<Node> | undefined;
    if (node === undefined) throw forbid(request, object, `node "${nodeName}" not found`);
    const system = node.metadata.labels?.['kubernetes.io/os'] ?? 'linux';
    const [why, reason] =
      system === 'linux'
        ? [shortage(podRequests(spec), node.status.allocatable ?? {}), 'NodeCapacity']
        : [
            `pod resize is only supported on linux nodes, node "${nodeName}" is "${system}"`,
            'UnsupportedPlatform',
          ];
    if (why === undefined) return;
    const { code, status } = forbid(request, object, why);
    const details = { ...status.details, causes: [{ reason }] };
    throw new StatusError(code, status.reason ?? '', status.message ?? '', details);
  },
};

function shortage(requests: Amounts, allocatable: Amounts): string | undefined {
  const cores = (amounts: Amounts): number => parseQuantity(amounts['cpu'] ?? '0').milliValue();
  const bytes = (amounts: Amounts): number => parseQuantity(amounts['memory'] ?? '0').value();
  const short = [
    ['cpu', cores(requests), cores(allocatable)] as const,
    ['memory', bytes(requests), bytes(allocatable)] as const,
  ].filter(([, requested, has]) => requested > has);
  if (short.length === 0) return undefined;
  const list = short.map(([name, requested, has]) => `${name}, requested: ${requested}, allocatable: ${has}`);
  return `node didn't have enough allocatable resources: ${list.join('; ')}`;
}
