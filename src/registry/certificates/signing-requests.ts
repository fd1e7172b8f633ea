import { rfc3339 } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import {
  type CertificateSigningRequest,
  type CertificateSigningRequestCondition,
  validateSigningRequest,
  validateSigningRequestUpdate,
} from '../../apis/certificates/index.ts';
import type {
  PartSubresource,
  RequestContext,
  ResourceDefinition,
  Strategy,
} from '../../apiserver/resource.ts';
import { ageColumn, humanDuration, nameColumn, text } from '../table/index.ts';

type Request = CertificateSigningRequest;
type Condition = CertificateSigningRequestCondition;

const strategy: Strategy<Request> = {
  // Nothing of a request changes, so that Kubernetes has nobody own what it asks for.
  resetFields: [['spec'], ['status']],
  applyDefaults(request) {
    request.spec ??= {} as Request['spec'];
    request.status ??= {};
  },
  prepareForCreate(request, { user }) {
    const { spec } = request;
    for (const field of ['username', 'uid', 'groups', 'extra'] as const) delete spec[field];
    spec.username = user.username;
    if (user.uid) spec.uid = user.uid;
    if (user.groups.length > 0) spec.groups = [...user.groups];
    const extra = Object.entries(user.extra ?? {});
    if (extra.length > 0) spec.extra = Object.fromEntries(extra.map(([key, values]) => [key, [...values]]));
    request.status = {};
  },
  validateCreate: (request) => validateSigningRequest(request),
  prepareForUpdate(request, old) {
    request.spec = old.spec as Request['spec'];
    request.status = old.status as Request['status'];
  },
  validateUpdate: (request, old, _context, { object, change }) => [
    ...object,
    ...validateSigningRequestUpdate(request, old, 'none'),
    ...change,
  ],
  // Upstream has no rule of its own for names; what holds for a part of a path is looked at when all else is well.
  validateName: () => [],
};

/** Writes down when conditions came about, where who set them did not. */
function stamp(request: Request, old: DeepReadonly<Request>, { now }: RequestContext): void {
  for (const condition of request.status.conditions ?? []) {
    condition.lastUpdateTime ??= rfc3339(now);
    condition.lastTransitionTime ??=
      old.status.conditions?.find(
        ({ type, status }) => type === condition.type && status === condition.status,
      )?.lastTransitionTime ?? rfc3339(now);
  }
}

const status: PartSubresource<Request> = {
  kind: 'part',
  resetFields: [['spec'], ['status', 'conditions']],
  verbs: ['get', 'update', 'patch'],
  prepareForUpdate(request, old, context) {
    request.spec = old.spec as Request['spec'];
    keepDecisions(request, old);
    stamp(request, old, context);
  },
  validateUpdate: (request, old, _context, { object, change }) => [
    ...object,
    ...validateSigningRequestUpdate(request, old, 'status'),
    ...change,
  ],
};

/** What was decided stays as it was; a decision that was added or left out is for validation to refuse. */
function keepDecisions({ status: { conditions } }: Request, old: DeepReadonly<Request>): void {
  for (const type of ['Approved', 'Denied']) {
    const before = (old.status.conditions ?? []).filter((each) => each.type === type);
    const places = (conditions ?? []).flatMap((each, at) => (each.type === type ? [at] : []));
    if (before.length !== places.length || conditions === undefined) continue;
    for (const [nth, at] of places.entries()) conditions[at] = before[nth] as Condition;
  }
}

const approval: PartSubresource<Request> = {
  kind: 'part',
  resetFields: [['spec'], ['status', 'certificate']],
  verbs: ['get', 'update', 'patch'],
  prepareForUpdate(request, old, context) {
    stamp(request, old, context);
    const { conditions } = request.status;
    request.spec = old.spec as Request['spec'];
    request.status = {
      ...(old.status as Request['status']),
      ...(conditions === undefined ? {} : { conditions }),
    };
  },
  validateUpdate: (request, old, _context, { object, change }) => [
    ...object,
    ...validateSigningRequestUpdate(request, old, 'approval'),
    ...change,
  ],
};

function conditionText({ status: { conditions = [], certificate } }: DeepReadonly<Request>): string {
  const has = (type: string): boolean => conditions.some((each) => each.type === type);
  const decision = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending';
  return `${decision}${has('Failed') ? ',Failed' : ''}${certificate ? ',Issued' : ''}`;
}

/** `certificatesigningrequests` of certificates.k8s.io/v1. */
export const signingRequests: ResourceDefinition<Request> = {
  group: 'certificates.k8s.io',
  version: 'v1',
  resource: 'certificatesigningrequests',
  singular: 'certificatesigningrequest',
  kind: 'CertificateSigningRequest',
  namespaced: false,
  shortNames: ['csr'],
  schema: 'io.k8s.api.certificates.v1.CertificateSigningRequest',
  strategy,
  subresources: { approval, status },
  columns: [
    nameColumn,
    ageColumn,
    text('SignerName', 'Who is to sign.', ({ spec }) => spec.signerName),
    text('Requestor', 'Who asks.', ({ spec }) => spec.username ?? ''),
    text('RequestedDuration', 'How long it is to last.', ({ spec: { expirationSeconds } }) =>
      expirationSeconds === undefined ? '<none>' : humanDuration(expirationSeconds * 1000),
    ),
    text('Condition', 'What has become of it.', conditionText),
  ],
  selectableFields: { 'spec.signerName': ({ spec }) => spec.signerName },
};
