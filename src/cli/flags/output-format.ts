/** What `--output` may say. */
import { UserError } from '../../cluster/index.ts';

/** Whether programs read the output, rather than people. Throws UserError for a format that is not known. */
export function wantsJson(output: string | undefined): boolean {
  if (output !== undefined && output !== 'json') {
    throw new UserError(`unknown output format '${output}': use json`);
  }
  return output === 'json';
}
