import type { ApiAnswer, ApiRequest } from '../../apimachinery/api-request.ts';
import { isConditionTrue } from '../../apimachinery/meta/conditions.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import { newNotFound } from '../../apimachinery/status-error.ts';
import type { Node, Pod } from '../../apis/core/types.ts';
import { METRICS_VERSION, type NodeConsumption, nodeMetrics, podMetrics } from '../../apis/metrics/index.ts';
import type { Backend, RequestContext, VirtualResource } from '../../apiserver/resource.ts';

const GROUP = 'metrics.k8s.io';
const VERSION = 'v1beta1';
/** Nodes that are asked at the same time for one answer. */
const ASKED_MAX = 32;

type AnyNode = DeepReadonly<Node>;
type AnyPod = DeepReadonly<Pod>;

/** The way to what nodes measure. */
export interface ConsumptionSource {
  /** What a node and its pods use now. Rejects where the node does not answer. */
  consumption(nodeName: string): Promise<NodeConsumption>;
}

/** Makes both with a way to the nodes. A node that is not ready, or does not answer, is left out, and so are its pods. */
export function metricsResources(source: ConsumptionSource): readonly VirtualResource[] {
  const shared = { group: GROUP, version: VERSION, singular: '' };
  const metricsOfNodes = async (nodes: readonly AnyNode[], now: number): Promise<readonly object[]> => {
    const found = await measured(source, nodes.filter(isReady));
    return nodes.flatMap((node) => {
      const consumption = found.get(node.metadata.name);
      return (consumption && nodeMetrics(node, consumption, now)) ?? [];
    });
  };
  const metricsOfPods = async (
    pods: readonly AnyPod[],
    context: RequestContext,
    backend: Backend,
  ): Promise<readonly object[]> => {
    const running = pods.filter(({ status }) => status.phase === 'Running');
    const names = new Set(running.map(({ spec }) => spec.nodeName));
    const nodes = await listed<AnyNode>({ resource: 'nodes' }, context, backend);
    const found = await measured(
      source,
      nodes.filter((node) => names.has(node.metadata.name) && isReady(node)),
    );
    const used = new Map(
      [...found.values()].flatMap((node) => node.pods).map((pod) => [pod.uid, pod] as const),
    );
    return running.flatMap((pod) => {
      const consumption = used.get(pod.metadata.uid);
      return (consumption && podMetrics(pod, consumption, context.now)) ?? [];
    });
  };
  return [
    {
      ...shared,
      resource: 'nodes',
      kind: 'NodeMetrics',
      namespaced: false,
      schema: 'io.k8s.metrics.pkg.apis.metrics.v1beta1.NodeMetrics',
      reads: {
        async get(request, context, backend) {
          const node = await one<AnyNode>('nodes', request, backend);
          return object((await metricsOfNodes([node], context.now))[0], 'nodes', node.metadata.name);
        },
        async list(request, context, backend) {
          const nodes = await listed<AnyNode>({ ...request, resource: 'nodes' }, context, backend);
          return list('NodeMetricsList', await metricsOfNodes(nodes, context.now));
        },
      },
    },
    {
      ...shared,
      resource: 'pods',
      kind: 'PodMetrics',
      namespaced: true,
      schema: 'io.k8s.metrics.pkg.apis.metrics.v1beta1.PodMetrics',
      reads: {
        async get(request, context, backend) {
          const pod = await one<AnyPod>('pods', request, backend);
          const { namespace, name } = pod.metadata;
          return object((await metricsOfPods([pod], context, backend))[0], 'pods', `${namespace}/${name}`);
        },
        async list(request, context, backend) {
          const pods = await listed<AnyPod>({ ...request, resource: 'pods' }, context, backend);
          return list('PodMetricsList', await metricsOfPods(pods, context, backend));
        },
      },
    },
  ];
}

/** What those nodes measure, by their names. */
async function measured(
  source: ConsumptionSource,
  nodes: readonly AnyNode[],
): Promise<ReadonlyMap<string, NodeConsumption>> {
  const found = new Map<string, NodeConsumption>();
  const waiting = nodes.map(({ metadata }) => metadata.name).values();
  const ask = async (): Promise<void> => {
    for (const name of waiting) {
      const consumption = await source.consumption(name).catch(() => undefined);
      if (consumption !== undefined) found.set(name, consumption);
    }
  };
  await Promise.all(Array.from({ length: Math.min(ASKED_MAX, nodes.length) }, ask));
  return found;
}

async function one<T>(resource: string, request: ApiRequest, backend: Backend): Promise<T> {
  const { namespace, name = '' } = request;
  const place = namespace === undefined ? {} : { namespace };
  return (await backend.get({ verb: 'get', group: '', version: 'v1', resource, name, ...place })) as T;
}

/** The objects of the core group that the selectors of a list choose. */
async function listed<T>(
  { resource, namespace, parameters = {} }: Pick<ApiRequest, 'resource' | 'namespace' | 'parameters'>,
  context: RequestContext,
  backend: Backend,
): Promise<readonly T[]> {
  const { labelSelector, fieldSelector } = parameters;
  const answer = await backend.call(
    {
      verb: 'list',
      group: '',
      version: 'v1',
      resource,
      ...(namespace === undefined ? {} : { namespace }),
      parameters: {
        ...(labelSelector === undefined ? {} : { labelSelector }),
        ...(fieldSelector === undefined ? {} : { fieldSelector }),
      },
    },
    context,
  );
  return answer.kind === 'object' ? (answer.object as { readonly items: readonly T[] }).items : [];
}

function isReady({ status }: AnyNode): boolean {
  return isConditionTrue(status.conditions, 'Ready');
}

function object(found: object | undefined, resource: string, name: string): ApiAnswer {
  if (found === undefined) throw newNotFound(GROUP, resource, name);
  return { kind: 'object', code: 200, object: found as ApiObject };
}

/** In a list, items do not say again what they are: JSON leaves out what is undefined. */
function list(kind: string, items: readonly object[]): ApiAnswer {
  const plain = items.map((item) => ({ ...item, kind: undefined, apiVersion: undefined }));
  return {
    kind: 'object',
    code: 200,
    object: { kind, apiVersion: METRICS_VERSION, metadata: {}, items: plain },
  };
}
