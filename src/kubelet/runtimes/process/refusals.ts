/** What plain processes cannot honour, in words that say what to do. Pure. */
import type { ContainerConfig } from '../container.ts';
import type { SandboxConfig } from '../sandbox.ts';

/**
 * Why a container cannot run as a process of user `uid`; undefined when it can.
 *
 * @param mayChangeUser whether a process can be handed to another user.
 */
export function refusal(
  container: ContainerConfig,
  sandbox: SandboxConfig,
  uid: number,
  mayChangeUser: boolean,
): string | undefined {
  const { security, command, metadata } = container;
  if (command.length === 0) {
    return `container "${metadata.name}" has no command, and the process runtime does not read images: set command, or use a container runtime`;
  }
  const refuse = (what: string): string => `the process runtime cannot ${what}: use a container runtime`;
  if (security.privileged) return refuse('give privileges (securityContext.privileged)');
  if (security.addCapabilities.length > 0) {
    return refuse(`add capabilities (${security.addCapabilities.join(', ')})`);
  }
  const user = security.runAsUser;
  // Without namespaces, another user could not enter the server's data directory, where volumes are.
  if (user !== undefined && user !== uid && !mayChangeUser) {
    return refuse(`run as user ${user} while the server runs as user ${uid}`);
  }
  if (container.mounts.some(({ image }) => image !== undefined)) return refuse('mount images as volumes');
  if (Object.keys(sandbox.linux.sysctls).length > 0) return refuse('set sysctls for one pod');
  const moved = sandbox.portMappings.find(({ containerPort, hostPort }) => containerPort !== hostPort);
  if (moved !== undefined) {
    return refuse(`lead port ${moved.hostPort} of the node to port ${moved.containerPort} of a process`);
  }
  return undefined;
}
