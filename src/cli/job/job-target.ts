/** The argument `job/NAME`, in the forms that kubectl takes. */
import { UserError } from '../../cluster/index.ts';

const TARGET = /^jobs?(?:\.batch)?\/([^/]+)$/i;

/** The name of the Job that the argument names. Throws UserError. */
export function jobNameIn(target: string): string {
  const name = TARGET.exec(target)?.[1];
  if (name === undefined) throw new UserError(`'${target}' names no Job: write job/NAME`);
  return name;
}
