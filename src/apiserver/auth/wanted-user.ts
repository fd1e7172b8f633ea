import type { UserInfo } from '../../apimachinery/api-request.ts';
import { goQuote } from '../../apimachinery/go-text.ts';
import { newBadRequest } from '../../apimachinery/status-error.ts';

/** Header names and values in turn, as they were sent: node joins repeated headers, and a group may hold a comma. */
export type RawHeaders = readonly string[];

/** Whom a request asks to act as, nothing added to it. */
export interface WantedUser {
  readonly username: string;
  /** Empty where none is asked for. */
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

const EXTRA = 'impersonate-extra-';

/** What the Impersonate-… headers ask for; undefined without any. Throws 400 for anything asked for without a name. */
export function wantedUser(headers: RawHeaders): WantedUser | undefined {
  let [username, uid] = ['', ''];
  const groups: string[] = [];
  const extra = new Map<string, string[]>();
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = (headers[at] ?? '').toLowerCase();
    if (!name.startsWith('impersonate-')) continue;
    const value = headers[at + 1] ?? '';
    if (name === 'impersonate-user') username ||= value;
    else if (name === 'impersonate-uid') uid ||= value;
    else if (name === 'impersonate-group') groups.push(value);
    else if (name.startsWith(EXTRA)) {
      const key = decoded(name.slice(EXTRA.length));
      extra.set(key, [...(extra.get(key) ?? []), value]);
    }
  }
  const wanted = { username, uid, groups, extra: Object.fromEntries(extra) };
  if (username !== '') return wanted;
  if (uid === '' && groups.length === 0 && extra.size === 0) return undefined;
  throw newBadRequest(`requested ${goUser(wanted)} without impersonating a user name`);
}

/** Whether nothing but the name is asked for. */
export function isNameAlone({ uid, groups, extra }: WantedUser): boolean {
  return uid === '' && groups.length === 0 && Object.keys(extra).length === 0;
}

/** The user who acts: `groups` with the one that says whether a user has shown credentials. */
export function actsAs({ username, uid, extra }: WantedUser, groups: readonly string[]): UserInfo {
  return {
    username,
    groups: withStanding(username, groups),
    ...(uid === '' ? {} : { uid }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

function withStanding(name: string, groups: readonly string[]): readonly string[] {
  const [known, unknown] = ['system:authenticated', 'system:unauthenticated'];
  if (name === 'system:anonymous') return groups.includes(unknown) ? groups : [...groups, unknown];
  return groups.includes(known) || groups.includes(unknown) ? groups : [...groups, known];
}

/** The user as Go's `%#v` prints it, which the message quotes. */
function goUser({ username, uid, groups, extra }: WantedUser): string {
  const members = Object.entries(extra)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, values]) => `${goQuote(key)}:${goTexts(values)}`);
  const map =
    members.length === 0 ? 'map[string][]string(nil)' : `map[string][]string{${members.join(', ')}}`;
  return `&user.DefaultInfo{Name:${goQuote(username)}, UID:${goQuote(uid)}, Groups:${goTexts(groups)}, Extra:${map}}`;
}

function goTexts(texts: readonly string[]): string {
  return texts.length === 0 ? '[]string(nil)' : `[]string{${texts.map(goQuote).join(', ')}}`;
}

/** A key without its percent signs; one that cannot be decoded stays as it is, as upstream has it. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
