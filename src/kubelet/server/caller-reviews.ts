/** Asks the API server about the clients of a node's server, with the node's own credentials. */
import type { UserInfo } from '../../apimachinery/api-request.ts';
import { type Client, SUBJECTACCESSREVIEWS, TOKENREVIEWS } from '../../client/index.ts';
import type { CallerReviews } from './caller-access.ts';

/** What a node asks: token reviews and subject access reviews. */
export function callerReviews(client: Client, nodeName: string): CallerReviews {
  return {
    async userOf(token) {
      const { status } = await client.create(TOKENREVIEWS, '', { metadata: {}, spec: { token } });
      if (status?.authenticated !== true) return undefined;
      const { username = '', uid, groups = [], extra } = status.user ?? {};
      return {
        username,
        groups,
        ...(uid === undefined ? {} : { uid }),
        ...(extra === undefined ? {} : { extra: extra as NonNullable<UserInfo['extra']> }),
      };
    },
    async mayDo({ username, uid, groups, extra }, verb, subresource) {
      const resourceAttributes = { version: 'v1', resource: 'nodes', name: nodeName, verb, subresource };
      const spec = {
        user: username,
        groups: [...groups],
        ...(uid === undefined ? {} : { uid }),
        ...(extra === undefined ? {} : { extra: extra as Record<string, string[]> }),
        resourceAttributes,
      };
      const { status } = await client.create(SUBJECTACCESSREVIEWS, '', { metadata: {}, spec });
      return status?.allowed === true;
    },
  };
}
