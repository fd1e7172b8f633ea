/** What a container finds in its environment. Pure. */
import { TERMINATION_PATH_ANNOTATION } from '../labels.ts';
import type { ContainerRecord } from './container-directory.ts';

/** Of the server's environment, what every process needs. */
const INHERITED = ['PATH', 'HOME', 'USER', 'LANG', 'TZ'];

/**
 * The variables of a container: those that its pod asks for, before what tells it where its root, its volumes and its last
 * words are on this machine, before what it has of the server's own environment.
 */
export function environmentOf(
  { config, view, hostname = '' }: Pick<ContainerRecord, 'config' | 'view' | 'hostname'>,
  root: string,
  own: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of INHERITED) {
    const value = own[name];
    if (value !== undefined) environment[name] = value;
  }
  // Every runtime of containers tells it so, and a plain process would find the machine's name only.
  if (hostname !== '') environment['HOSTNAME'] = hostname;
  environment['LONGSHORE_ROOT'] = root;
  for (const { name, hostPath, containerPath } of config.mounts) {
    // Of a volume that is mounted more than once, the first mount counts.
    if (name !== '')
      environment[`LONGSHORE_VOLUME_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`] ??=
        view === undefined ? hostPath : containerPath;
  }
  const path = config.annotations[TERMINATION_PATH_ANNOTATION] ?? '';
  const words = config.mounts.find(({ name, containerPath }) => name === '' && containerPath === path);
  if (words !== undefined) environment['LONGSHORE_TERMINATION_LOG'] = words.hostPath;
  for (const { name, value } of config.env) environment[name] = value;
  return environment;
}
