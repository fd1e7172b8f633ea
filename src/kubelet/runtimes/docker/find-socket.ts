import { join } from 'node:path';
import { socketsAmong } from '../socket-trouble.ts';

/** What of the environment says where an engine listens. */
export interface SocketSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/**
 * Where an engine may listen, in the order to look: where DOCKER_HOST says, then the sockets of Docker and Docker Desktop, for
 * root and for a user alone, then Podman's for either.
 */
export function dockerSockets({ env, home }: SocketSurroundings): readonly string[] {
  const host = env['DOCKER_HOST'] ?? '';
  const run = env['XDG_RUNTIME_DIR'];
  return [
    ...(host.startsWith('unix://') ? [host.slice('unix://'.length)] : []),
    '/var/run/docker.sock',
    join(home, '.docker/run/docker.sock'),
    join(home, '.docker/desktop/docker.sock'),
    ...(run === undefined ? [] : [join(run, 'docker.sock')]),
    '/run/podman/podman.sock',
    ...(run === undefined ? [] : [join(run, 'podman/podman.sock')]),
  ];
}

/** Those of these sockets that are there, in that order; whether anybody answers is not asked. */
export function findDockerSockets(around: SocketSurroundings): readonly string[] {
  return socketsAmong(dockerSockets(around));
}
