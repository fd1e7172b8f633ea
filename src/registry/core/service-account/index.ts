import type { ServiceAccount } from '../../../apis/core/types.ts';
import type { ResourceDefinition } from '../../../apiserver/resource.ts';
import { ageColumn, nameColumn } from '../../table/index.ts';
import type { TokenIssuer } from './token-issuer.ts';
import { tokenSubresource } from './token-request.ts';

export { issuerDiscovery } from './issuer-discovery.ts';
export { TokenIssuer, type TokenIssuerOptions, type TokenWish } from './token-issuer.ts';
export { generateTokenKey, TokenKey } from './token-key.ts';

/** Of the secrets that an account names, upstream keeps the names and nothing else. */
function keepNamesAlone(account: ServiceAccount): void {
  if (account.secrets === undefined) return;
  account.secrets = account.secrets.map(({ name }) => (name === undefined ? {} : { name }));
}

/** `serviceaccounts` of v1; without an issuer they give out no tokens. */
export function serviceAccounts(issuer: TokenIssuer | undefined): ResourceDefinition<ServiceAccount> {
  return {
    group: '',
    version: 'v1',
    resource: 'serviceaccounts',
    singular: 'serviceaccount',
    kind: 'ServiceAccount',
    namespaced: true,
    shortNames: ['sa'],
    schema: 'io.k8s.api.core.v1.ServiceAccount',
    strategy: {
      applyDefaults() {},
      prepareForCreate: keepNamesAlone,
      validateCreate: () => [],
      prepareForUpdate: keepNamesAlone,
      validateUpdate: (_account, _old, _context, { change, object }) => [...change, ...object],
      returnsDeletedObject: true,
    },
    subresources: issuer ? { token: tokenSubresource(issuer) } : {},
    columns: [nameColumn, ageColumn],
  };
}
