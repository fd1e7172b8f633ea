/** What plain processes cannot honour, in words that say what to do. Pure. */
import type { ContainerConfig } from '../container.ts';
import type { SandboxConfig } from '../sandbox.ts';
import { lackingCapabilities } from './capabilities.ts';

/** What the process that starts containers may do. */
export interface Rights {
  readonly uid: number;
  /** Whether it can hand a process to another user. */
  readonly mayChangeUser: boolean;
  /** Its `/proc/self/status`, which tells its capabilities; empty on systems without. */
  readonly status: string;
}

/** Why a container cannot run as a process of that one's; undefined when it can. */
export function refusal(
  container: ContainerConfig,
  sandbox: SandboxConfig,
  { uid, mayChangeUser, status }: Rights,
): string | undefined {
  const { security, command, metadata } = container;
  if (command.length === 0) {
    return `container "${metadata.name}" has no command, and the process runtime does not read images: set command, or use a container runtime`;
  }
  const refuse = (what: string): string => `the process runtime cannot ${what}: use a container runtime`;
  if (security.privileged) return refuse('give privileges (securityContext.privileged)');
  // A process has what its parent has; as another user it has none of them in force, as in a container.
  const lacking = lackingCapabilities(security.addCapabilities, status);
  if (lacking.length > 0) return refuse(`add capabilities (${lacking.join(', ')})`);
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
