import { findCondition } from '../../apimachinery/meta/conditions.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { applyNodeDefaults, validateNode, validateNodeUpdate } from '../../apis/core/index.ts';
import type { Node, NodeSpec, NodeStatus } from '../../apis/core/types.ts';
import type { PartSubresource, ResourceDefinition, Strategy } from '../../apiserver/resource.ts';
import { ageColumn, nameColumn, text } from '../table/index.ts';
import { type NodeAgentSource, nodeProxy } from './proxy/index.ts';

type AnyNode = DeepReadonly<Node>;

/** Configuration by ConfigMap is long gone from kubelets; its fields are dropped. */
function dropConfiguration(node: Node): void {
  delete node.spec.configSource;
  delete node.status.config;
}

function unusedFieldWarnings({ spec }: DeepReadonly<Node>): string[] {
  if (!spec.externalID) return [];
  return ['spec.externalID: this field is deprecated, and is unused by Kubernetes'];
}

const strategy: Strategy<Node> = {
  applyDefaults: applyNodeDefaults,
  prepareForCreate: dropConfiguration,
  validateCreate: (node) => validateNode(node),
  warningsOnCreate: unusedFieldWarnings,
  warningsOnUpdate: unusedFieldWarnings,
  prepareForUpdate(node, old) {
    delete node.spec.configSource;
    node.status = old.status as NodeStatus;
  },
  validateUpdate: (node, old, _context, { object, change }) => [
    ...object,
    ...validateNode(node),
    ...change,
    ...validateNodeUpdate(node, old),
  ],
};

const status: PartSubresource<Node> = {
  kind: 'part',
  verbs: ['get', 'update', 'patch'],
  prepareForUpdate(node, old) {
    node.spec = old.spec as NodeSpec;
    delete node.status.config;
  },
  validateUpdate: (node, old, _context, { change }) => [...change, ...validateNodeUpdate(node, old)],
};

function statusText({ spec, status: { conditions } }: AnyNode): string {
  const ready = findCondition(conditions, 'Ready');
  const state = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return spec.unschedulable ? `${state},SchedulingDisabled` : state;
}

/** Roles are labels: `node-role.kubernetes.io/<role>` or `kubernetes.io/role=<role>`. */
function roles({ metadata }: AnyNode): string {
  const found = new Set<string>();
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    const role = /^node-role\.kubernetes\.io\/(.+)$/.exec(key)?.[1];
    if (role) found.add(role);
    else if (key === 'kubernetes.io/role' && value !== '') found.add(value);
  }
  return found.size === 0 ? '<none>' : [...found].sort().join(',');
}

function address(node: AnyNode, type: string): string {
  return node.status.addresses?.find((each) => each.type === type)?.address ?? '<none>';
}

function kernel({ status: { nodeInfo } }: AnyNode): string {
  const version = nodeInfo?.kernelVersion || '<unknown>';
  return nodeInfo?.architecture ? `${version} (${nodeInfo.architecture})` : version;
}

/** What nodes need of the rest of the machine. */
export interface NodeDependencies {
  /** Absent: nodes have no `proxy`. */
  readonly agents?: NodeAgentSource;
}

/** `nodes` of v1. */
export function nodeResource({ agents }: NodeDependencies): ResourceDefinition<Node> {
  const proxy = agents === undefined ? {} : { proxy: nodeProxy(agents) };
  return { ...nodes, subresources: { ...nodes.subresources, ...proxy } };
}

const nodes: ResourceDefinition<Node> = {
  group: '',
  version: 'v1',
  resource: 'nodes',
  storagePrefix: 'minions',
  singular: 'node',
  kind: 'Node',
  namespaced: false,
  shortNames: ['no'],
  schema: 'io.k8s.api.core.v1.Node',
  strategy,
  subresources: { status },
  columns: [
    nameColumn,
    text('Status', 'Whether it takes pods.', statusText),
    text('Roles', 'What it is labelled to be there for.', roles),
    ageColumn,
    text('Version', 'Version of its agent.', (node) => node.status.nodeInfo?.kubeletVersion ?? ''),
    text('Internal-IP', 'Address within the cluster.', (node) => address(node, 'InternalIP'), 1),
    text('External-IP', 'Address for the world.', (node) => address(node, 'ExternalIP'), 1),
    text('OS-Image', 'Operating system.', (node) => node.status.nodeInfo?.osImage || '<unknown>', 1),
    text('Kernel-Version', 'Version of its kernel, and its architecture.', kernel, 1),
    text(
      'Container-Runtime',
      'What runs its containers.',
      (node) => node.status.nodeInfo?.containerRuntimeVersion || '<unknown>',
      1,
    ),
  ],
  selectableFields: { 'spec.unschedulable': (node) => String(node.spec.unschedulable ?? false) },
};
