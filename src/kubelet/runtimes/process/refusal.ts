/** What a process of this machine cannot be given. Pure. */
import type { ContainerConfig, SandboxConfig } from '../runtime.ts';

/**
 * Why a container cannot run as a process, in one sentence that says what to do; undefined when it can.
 *
 * @param userId the user that the processes run as.
 */
export function refusalOf(
  config: ContainerConfig,
  sandbox: SandboxConfig,
  userId: number,
): string | undefined {
  const setting = unsupportedSetting(config, sandbox, userId);
  if (config.command.length === 0) {
    return `the process runtime has no images, so container "${config.metadata.name}" needs a command: set it in the pod, or run with containerd (--runtime cri)`;
  }
  return setting === undefined
    ? undefined
    : `the process runtime cannot honour ${setting} of container "${config.metadata.name}": remove it, or run with containerd (--runtime cri)`;
}

function unsupportedSetting(
  { security, tty, stdin }: ContainerConfig,
  { portMappings, linux }: SandboxConfig,
  userId: number,
): string | undefined {
  if (security.privileged) return 'securityContext.privileged';
  if (security.addCapabilities.length + security.dropCapabilities.length > 0)
    return 'securityContext.capabilities';
  if (security.runAsUser !== undefined && security.runAsUser !== userId) return 'securityContext.runAsUser';
  if (security.runAsGroup !== undefined) return 'securityContext.runAsGroup';
  if (security.readonlyRootfs) return 'securityContext.readOnlyRootFilesystem';
  if (security.noNewPrivileges) return 'securityContext.allowPrivilegeEscalation: false';
  if (security.seccomp?.type === 'Localhost') return 'securityContext.seccompProfile';
  if (Object.keys(linux.sysctls).length > 0) return 'the sysctls';
  if (portMappings.length > 0) return 'the hostPort';
  if (tty) return 'tty';
  return stdin ? 'stdin' : undefined;
}
