import type { UserInfo } from '../../apimachinery/api-request.ts';
import type { UserInfo as WireUserInfo } from '../../apis/authentication/index.ts';

/** A user as reviews show it: without what is empty. */
export function shownUser({ username, uid, groups, extra }: UserInfo): WireUserInfo {
  const shown: WireUserInfo = { username };
  if (uid) shown.uid = uid;
  if (groups.length > 0) shown.groups = [...groups];
  if (extra !== undefined && Object.keys(extra).length > 0) {
    shown.extra = Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]]));
  }
  return shown;
}
