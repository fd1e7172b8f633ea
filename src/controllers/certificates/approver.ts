import { isConditionTrue } from '../../apimachinery/meta/conditions.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isNotFound } from '../../apimachinery/status-error.ts';
import type { SubjectAccessReview } from '../../apis/authorization/types.ts';
import {
  type CertificateRequest,
  type CertificateSigningRequest,
  KUBELET_CLIENT_SIGNER,
  KUBELET_SERVING_SIGNER,
  NODE_USER_PREFIX,
  NODES_GROUP,
  parseCertificateRequest,
  wrongKubeletClient,
  wrongKubeletServing,
} from '../../apis/certificates/index.ts';
import {
  type Client,
  type Component,
  type ComponentContext,
  type Logger,
  NODES,
  newController,
  newWorkqueue,
  type Reconciler,
  SIGNINGREQUESTS,
  SUBJECTACCESSREVIEWS,
} from '../../client/index.ts';
import { has } from './decision.ts';

type Request = DeepReadonly<CertificateSigningRequest>;

/** Milliseconds after which a serving request is looked at again whose node has not told its addresses yet. */
const LOOK_AGAIN_MS = 1_000;

/** Approves node agents' requests. `reserved` are the names of the API server, which no node may bear. */
export function newCertificateApprover(context: ComponentContext, reserved: readonly string[]): Component {
  const { client, clock, log, metrics } = context;
  const requests = context.informer(SIGNINGREQUESTS);
  const queue = newWorkqueue({ name: 'certificate', clock, metrics });
  const look = ({ metadata }: Request): void => queue.add(metadata.name);
  requests.onChange({ added: look, updated: look });
  const reconciler = new Approver(client, log, new Set(reserved), (name) => requests.lister.get('', name));
  return newController({ name: 'csrapproving', reconciler, queue, log, informers: [requests], workers: 1 });
}

class Approver implements Reconciler {
  readonly #client: Client;
  readonly #log: Logger;
  readonly #reserved: ReadonlySet<string>;
  readonly #find: (name: string) => Request | undefined;

  constructor(
    client: Client,
    log: Logger,
    reserved: ReadonlySet<string>,
    find: (name: string) => Request | undefined,
  ) {
    this.#client = client;
    this.#log = log;
    this.#reserved = reserved;
    this.#find = find;
  }

  async sync(name: string): Promise<number | undefined> {
    const request = this.#find(name);
    if (request === undefined || request.status?.certificate) return undefined;
    if (has(request, 'Approved') || has(request, 'Denied')) return undefined;
    const asked = parseCertificateRequest(request.spec.request);
    const { signerName, usages = [] } = request.spec;
    if (signerName === KUBELET_CLIENT_SIGNER && wrongKubeletClient(asked, usages) === undefined) {
      await this.#clientCertificate(request, asked);
      return undefined;
    }
    if (signerName === KUBELET_SERVING_SIGNER && wrongKubeletServing(asked, usages) === undefined) {
      return this.#serving(request, asked);
    }
    return undefined;
  }

  async #clientCertificate(request: Request, asked: CertificateRequest): Promise<void> {
    const isSelf = request.spec.username === asked.commonName;
    if (isSelf && (await this.#may(request, 'selfnodeclient'))) {
      await this.#approve(
        request,
        'Auto approving self kubelet client certificate after SubjectAccessReview.',
      );
    } else if (await this.#may(request, 'nodeclient')) {
      const nodeName = asked.commonName.slice(NODE_USER_PREFIX.length);
      if (await this.#isReady(nodeName)) {
        // Two machines of one name would take each other's pods for their own. kubeadm refuses to join in this case.
        await this.#decide(request, 'Denied', 'NodeIsThere', `node ${nodeName} is in the cluster, and ready`);
      } else {
        await this.#approve(request, 'Auto approving kubelet client certificate after SubjectAccessReview.');
      }
    }
  }

  async #isReady(nodeName: string): Promise<boolean> {
    try {
      const { status } = await this.#client.get(NODES, '', nodeName);
      return isConditionTrue(status.conditions, 'Ready');
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  /** Only the node itself, for addresses that its object has. */
  async #serving(request: Request, asked: CertificateRequest): Promise<number | undefined> {
    const { username = '', groups = [] } = request.spec;
    if (username !== asked.commonName || !groups.includes(NODES_GROUP)) return undefined;
    const nodeName = username.slice(NODE_USER_PREFIX.length);
    const wanted = [...asked.dnsNames, ...asked.ipAddresses];
    const taken = wanted.filter((each) => this.#reserved.has(each));
    if (taken.length > 0) {
      const fields = { request: request.metadata.name, node: nodeName, names: taken };
      this.#log.warn(fields, 'a node asks for a certificate with a name of the API server: not approved');
      return undefined;
    }
    const addresses = await this.#addressesOf(nodeName);
    if (addresses === undefined || wanted.some((each) => !addresses.has(each))) return LOOK_AGAIN_MS;
    await this.#approve(request, 'Auto approving kubelet serving certificate for addresses of its node.');
    return undefined;
  }

  async #addressesOf(name: string): Promise<ReadonlySet<string> | undefined> {
    try {
      const node = await this.#client.get(NODES, '', name);
      return new Set(node.status?.addresses?.map(({ address }) => address));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async #may({ spec }: Request, subresource: string): Promise<boolean> {
    const { username = '', uid, groups = [], extra } = spec;
    const review = await this.#client.create(SUBJECTACCESSREVIEWS, '', {
      metadata: {},
      spec: {
        user: username,
        groups,
        ...(uid === undefined ? {} : { uid }),
        ...(extra === undefined ? {} : { extra }),
        resourceAttributes: {
          group: 'certificates.k8s.io',
          version: '*',
          resource: 'certificatesigningrequests',
          subresource,
          verb: 'create',
        },
      },
    } as never);
    return (review as DeepReadonly<SubjectAccessReview>).status?.allowed === true;
  }

  #approve(request: Request, message: string): Promise<void> {
    return this.#decide(request, 'Approved', 'AutoApproved', message);
  }

  async #decide(
    { metadata: { name, resourceVersion }, status }: Request,
    type: 'Approved' | 'Denied',
    reason: string,
    message: string,
  ): Promise<void> {
    const condition = { type, status: 'True', reason, message };
    const conditions = [...(status?.conditions ?? []), condition];
    const patch = { metadata: { resourceVersion }, status: { conditions } };
    await this.#client.patch(SIGNINGREQUESTS, '', name, 'application/merge-patch+json', patch, 'approval');
  }
}
