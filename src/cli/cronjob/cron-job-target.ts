/** The argument `cronjob/NAME`, in the forms that kubectl takes. */
import { UserError } from '../../cluster/index.ts';

const TARGET = /^(?:cronjobs?(?:\.batch)?|cj)\/([^/]+)$/i;

/** The name of the CronJob that the argument names. Throws UserError. */
export function cronJobNameIn(target: string): string {
  const name = TARGET.exec(target)?.[1];
  if (name === undefined) {
    throw new UserError(`'${target}' names no CronJob: write cronjob/NAME`);
  }
  return name;
}
