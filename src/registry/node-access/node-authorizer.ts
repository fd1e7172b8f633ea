import { parseFieldSelector } from '../../apimachinery/selectors/index.ts';
import type { PersistentVolume } from '../../apis/core/types.ts';
import { allowsResource, nodeRules } from '../../apis/rbac/index.ts';
import type { Attributes, Authorizer, Decision } from '../../apiserver/index.ts';
import type { Storage } from '../../storage/storage.ts';
import { nodeNameOf } from './node-identity.ts';
import { PodReferences } from './pod-references.ts';

type ResourceAttributes = Extract<Attributes, { kind: 'resource' }>;

const ALLOWED: Decision = { allowed: true };
const LEASES_NAMESPACE = 'kube-node-lease';
const READING = ['get', 'list', 'watch'];
const LEASE_VERBS = ['get', 'create', 'update', 'patch', 'delete'];

const no = (reason = ''): Decision => ({ allowed: false, ...(reason === '' ? {} : { reason }) });

/** Decides about node agents by what their pods refer to, and asks `others` about everybody else, and what it did not allow. */
export class NodeAuthorizer implements Authorizer {
  readonly #others: Authorizer;
  readonly #storage: Storage;
  readonly #references: PodReferences;

  constructor(others: Authorizer, storage: Storage) {
    this.#others = others;
    this.#storage = storage;
    this.#references = new PodReferences(storage);
  }

  authorize(attributes: Attributes): Decision | Promise<Decision> {
    const node = nodeNameOf(attributes.user);
    if (node === undefined || attributes.kind === 'path') return this.#others.authorize(attributes);
    return this.#authorizeNode(node, attributes);
  }

  /** Stops following the store. */
  close(): void {
    this.#references.close();
  }

  async #authorizeNode(node: string, attributes: ResourceAttributes): Promise<Decision> {
    const own = await this.#decide(node, withSelectedName(attributes));
    if (own.allowed) return own;
    const other = await this.#others.authorize(attributes);
    if (other.allowed) return other;
    return no([own.reason, other.reason].filter((each) => each !== undefined).join('\n'));
  }

  #decide(node: string, attributes: ResourceAttributes): Decision | Promise<Decision> {
    switch (`${attributes.group}/${attributes.resource}`) {
      case '/secrets':
      case '/configmaps':
        return this.#readNamespaced(node, attributes);
      case '/persistentvolumeclaims':
        return attributes.subresource === 'status'
          ? this.#updateStatus(node, attributes)
          : this.#get(node, attributes);
      case '/persistentvolumes':
        return this.#get(node, attributes);
      case '/serviceaccounts':
        return this.#serviceAccount(node, attributes);
      case 'coordination.k8s.io/leases':
        return lease(node, attributes);
      case '/nodes':
        return nodeItself(node, attributes);
      case '/pods':
        return this.#pods(node, attributes);
      default:
        return nodeRules().some((rule) => allowsResource(rule, attributes)) ? ALLOWED : no();
    }
  }

  #readNamespaced(node: string, attributes: ResourceAttributes): Decision | Promise<Decision> {
    if (!READING.includes(attributes.verb)) return no('can only read resources of this type');
    if (attributes.subresource !== undefined) return no('cannot read subresource');
    if (!attributes.namespace) return no('can only read namespaced object of this type');
    return this.#related(node, attributes);
  }

  #get(node: string, attributes: ResourceAttributes): Decision | Promise<Decision> {
    if (attributes.verb !== 'get') return no('can only get individual resources of this type');
    if (attributes.subresource !== undefined) return no('cannot get subresource');
    return this.#related(node, attributes);
  }

  #updateStatus(node: string, attributes: ResourceAttributes): Decision | Promise<Decision> {
    if (!['update', 'patch'].includes(attributes.verb)) return no('can only get/update/patch this type');
    return this.#related(node, attributes);
  }

  #serviceAccount(node: string, attributes: ResourceAttributes): Decision | Promise<Decision> {
    const { verb, subresource, name } = attributes;
    if (verb === 'get' && subresource === undefined) return this.#readNamespaced(node, attributes);
    if (verb !== 'create' || !name) return no('can only create tokens for individual service accounts');
    if (subresource !== 'token') return no('can only create token subresource of serviceaccount');
    return this.#related(node, attributes);
  }

  #pods(node: string, attributes: ResourceAttributes): Decision | Promise<Decision> {
    const { verb, subresource = '', name, fieldSelector } = attributes;
    if (subresource === '' && verb === 'get') return this.#get(node, attributes);
    if (subresource === '' && (verb === 'list' || verb === 'watch')) {
      if (selected(fieldSelector, 'spec.nodeName') === node) return ALLOWED;
      if (name) return this.#related(node, attributes);
      return no('can only list/watch pods with spec.nodeName field selector');
    }
    const mayWrite =
      (subresource === '' && (verb === 'create' || verb === 'delete')) ||
      (subresource === 'status' && (verb === 'update' || verb === 'patch')) ||
      (subresource === 'eviction' && verb === 'create');
    return mayWrite ? ALLOWED : no();
  }

  async #related(node: string, { resource, namespace = '', name }: ResourceAttributes): Promise<Decision> {
    if (!name) return no('No Object name found');
    const isRelated =
      resource === 'persistentvolumes'
        ? await this.#hasClaimOf(node, name)
        : await this.#references.has(node, resource, namespace, name);
    return isRelated ? ALLOWED : no(`no relationship found between node '${node}' and this object`);
  }

  /** A volume belongs to the pods that use the claim which it is bound to. */
  async #hasClaimOf(node: string, name: string): Promise<boolean> {
    const stored = await this.#storage.get(`/core/persistentvolumes/${name}`);
    const claim = (stored?.object as PersistentVolume | undefined)?.spec.claimRef;
    if (claim === undefined) return false;
    const { namespace = '', name: claimName = '' } = claim;
    return this.#references.has(node, 'persistentvolumeclaims', namespace, claimName);
  }
}

function lease(node: string, { verb, namespace, name }: ResourceAttributes): Decision {
  if (!LEASE_VERBS.includes(verb)) {
    return no('can only get, create, update, patch, or delete a node lease');
  }
  if (namespace !== LEASES_NAMESPACE) {
    return no(`can only access leases in the "${LEASES_NAMESPACE}" system namespace`);
  }
  // The name of a new one is for admission to see.
  if (verb === 'create' || name === node) return ALLOWED;
  return no('can only access node lease with the same name as the requesting node');
}

function nodeItself(node: string, { verb, subresource = '', name }: ResourceAttributes): Decision {
  if (subresource === 'status') return verb === 'update' || verb === 'patch' ? ALLOWED : no();
  if (subresource !== '') return no();
  // Admission sees to it that it is its own.
  if (['create', 'update', 'patch'].includes(verb)) return ALLOWED;
  if (!READING.includes(verb)) return no();
  if (name === node) return ALLOWED;
  if (!name) return no(`node '${node}' cannot read all nodes, only its own Node object`);
  return no(`node '${node}' cannot read '${name}', only its own Node object`);
}

/** A list or watch of one object by a field selector is as good as its name. */
function withSelectedName(attributes: ResourceAttributes): ResourceAttributes {
  if (attributes.name || !['list', 'watch', 'deletecollection'].includes(attributes.verb)) return attributes;
  const name = selected(attributes.fieldSelector, 'metadata.name');
  return name === undefined ? attributes : { ...attributes, name };
}

function selected(selector: string | undefined, field: string): string | undefined {
  if (selector === undefined) return undefined;
  try {
    return parseFieldSelector(selector).exactValue(field);
  } catch {
    return undefined; // The verb says what is wrong with it, to whoever may use it.
  }
}
