/** Who may approve, sign and ask for which certificates. Upstream: plugin/pkg/admission/certificates. */
import type { ApiRequest, UserInfo } from '../../apimachinery/api-request.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import {
  type CertificateSigningRequest,
  CLIENT_SIGNER,
  parseCertificateRequest,
} from '../../apis/certificates/index.ts';
import type { Authorizer } from '../../apiserver/index.ts';
import type { AdmissionPlugin } from '../../apiserver/resource.ts';
import { forbid } from './forbid.ts';

type SigningRequest = DeepReadonly<CertificateSigningRequest>;

function isAbout({ group, resource }: ApiRequest): boolean {
  return group === 'certificates.k8s.io' && resource === 'certificatesigningrequests';
}

/** Whether the user has the verb on that signer, or on all of its domain. */
async function maySigner(
  authorizer: Authorizer,
  user: UserInfo,
  verb: string,
  signer: string,
): Promise<boolean> {
  const base = { kind: 'resource', user, verb, group: 'certificates.k8s.io', version: '*' } as const;
  for (const name of [signer, `${signer.split('/', 1)[0]}/*`]) {
    if ((await authorizer.authorize({ ...base, resource: 'signers', name })).allowed) return true;
  }
  return false;
}

/** The plugins CertificateApproval and CertificateSigning. */
export function certificateDecisions(authorizer: Authorizer): readonly AdmissionPlugin[] {
  const plugin = (name: string, part: string, verb: string, concerns: typeof isChanged): AdmissionPlugin => ({
    name,
    handles: (request) => isAbout(request) && request.subresource === part,
    async admit(object, old, { user, request }) {
      if (object === undefined || !concerns(object as never, old as never)) return;
      const signer = (old as SigningRequest | undefined)?.spec.signerName ?? '';
      if (await maySigner(authorizer, user, verb, signer)) return;
      const why = `user not permitted to ${verb} requests with signerName ${JSON.stringify(signer)}`;
      throw forbid(request, object, why);
    },
  });
  return [
    plugin('CertificateApproval', 'approval', 'approve', () => true),
    plugin('CertificateSigning', 'status', 'sign', isChanged),
  ];
}

function isChanged(request: SigningRequest, old: SigningRequest): boolean {
  const failed = ({ status }: SigningRequest): string =>
    JSON.stringify(status?.conditions?.filter(({ type }) => type === 'Failed'));
  return request.status?.certificate !== old.status?.certificate || failed(request) !== failed(old);
}

/** Nobody becomes an administrator by a certificate that the API hands out. */
export const certificateSubjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  handles: (request) => isAbout(request) && request.verb === 'create' && request.subresource === undefined,
  admit(object: ApiObject | undefined, _old, { request }) {
    const { spec } = object as unknown as CertificateSigningRequest;
    if (spec.signerName !== CLIENT_SIGNER) return;
    let organizations: readonly string[];
    try {
      ({ organizations } = parseCertificateRequest(spec.request ?? ''));
    } catch {
      return; // Validation says what is wrong with it.
    }
    if (!organizations.includes('system:masters')) return;
    throw forbid(request, object, `use of ${CLIENT_SIGNER} signer with system:masters group is not allowed`);
  },
};
