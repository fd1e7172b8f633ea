import type { UserInfo } from '../../apimachinery/api-request.ts';
import { NODE_USER_PREFIX, NODES_GROUP } from '../../apis/certificates/index.ts';

/** The node whose agent that user is; undefined for anybody else. */
export function nodeNameOf({ username, groups }: UserInfo): string | undefined {
  if (!username.startsWith(NODE_USER_PREFIX) || !groups.includes(NODES_GROUP)) return undefined;
  return username.slice(NODE_USER_PREFIX.length);
}
