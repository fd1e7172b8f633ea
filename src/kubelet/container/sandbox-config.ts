/** A pod's sandbox in the runtime's words. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod } from '../../apis/core/types.ts';
import { POD_NAME_LABEL, POD_NAMESPACE_LABEL, POD_UID_LABEL } from '../runtimes/labels.ts';
import type { DnsConfig, SandboxConfig, UserRange } from '../runtimes/sandbox.ts';
import { portMappings } from './pod-network.ts';
import { seLinuxOf } from './security.ts';

/**
 * @param attempt counts the sandboxes of the pod, from 0.
 */
export function sandboxConfig(
  pod: DeepReadonly<Pod>,
  attempt: number,
  around: {
    readonly hostname: string;
    readonly logDirectory: string;
    readonly dns: DnsConfig | undefined;
    readonly cgroupParent: string | undefined;
    readonly users: UserRange | undefined;
  },
): SandboxConfig {
  const { name, namespace = '', uid, labels = {}, annotations = {} } = pod.metadata;
  const { securityContext = {}, hostNetwork, hostPID, hostIPC, shareProcessNamespace } = pod.spec;
  const { runAsUser, runAsGroup, supplementalGroups = [], fsGroup, sysctls = [] } = securityContext;
  const seLinux = seLinuxOf(securityContext.seLinuxOptions);
  const privileged = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].some(
    (container) => container.securityContext?.privileged === true,
  );
  return {
    metadata: { name, namespace, uid, attempt },
    hostname: around.hostname,
    logDirectory: around.logDirectory,
    ...(around.dns === undefined ? {} : { dns: around.dns }),
    portMappings: hostNetwork ? [] : portMappings(pod),
    labels: { ...labels, [POD_NAME_LABEL]: name, [POD_NAMESPACE_LABEL]: namespace, [POD_UID_LABEL]: uid },
    annotations,
    linux: {
      hostNetwork: hostNetwork === true,
      hostPid: hostPID === true,
      hostIpc: hostIPC === true,
      sharePid: shareProcessNamespace === true,
      privileged,
      ...(runAsUser === undefined ? {} : { runAsUser: Number(runAsUser) }),
      ...(runAsGroup === undefined ? {} : { runAsGroup: Number(runAsGroup) }),
      supplementalGroups: [...supplementalGroups, ...(fsGroup === undefined ? [] : [fsGroup])].map(Number),
      readonlyRootfs: false,
      seccomp: { type: 'RuntimeDefault' },
      ...(seLinux === undefined ? {} : { seLinux }),
      ...(around.cgroupParent === undefined ? {} : { cgroupParent: around.cgroupParent }),
      ...(around.users === undefined ? {} : { users: around.users }),
      sysctls: Object.fromEntries(sysctls.map(({ name: key, value }) => [key, value])),
    },
  };
}
