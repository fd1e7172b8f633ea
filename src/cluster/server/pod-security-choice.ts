/** What `--pod-security` may say, taken apart. Pure. */
import { type LevelVersion, parseLevel, parseVersion } from '../../apis/pod-security/index.ts';
import { UserError } from '../user-error.ts';

/**
 * Parses `baseline` or `restricted:v1.30`; without a version it is `latest`.
 *
 * @throws {UserError} for anything else.
 */
export function parsePodSecurity(text: string): LevelVersion {
  const [name = '', as = 'latest', ...more] = text.split(':');
  const [level, version] = [parseLevel(name), parseVersion(as)];
  if (level === undefined || version === undefined || more.length > 0) {
    throw new UserError(
      `unknown Pod Security level '${text}': use privileged, baseline or restricted, with ':v1.30' for the level of a version`,
    );
  }
  return { level, version };
}
