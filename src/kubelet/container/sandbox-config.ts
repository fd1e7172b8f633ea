/** A pod's sandbox in the runtime's words. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod } from '../../apis/core/types.ts';
import { POD_NAME_LABEL, POD_NAMESPACE_LABEL, POD_UID_LABEL } from '../runtimes/labels.ts';
import type { DnsConfig, SandboxConfig } from '../runtimes/runtime.ts';
import { portMappings } from './pod-network.ts';

/**
 * Throws for a pod that wants users of its own, which this node does not give it.
 *
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
  },
): SandboxConfig {
  const { name, namespace = '', uid, labels = {}, annotations = {} } = pod.metadata;
  if (pod.spec.hostUsers === false) {
    throw new Error("can't set `spec.hostUsers: false`, runtime does not support user namespaces");
  }
  const { securityContext = {}, hostNetwork, hostPID, hostIPC, shareProcessNamespace } = pod.spec;
  const { runAsUser, runAsGroup, supplementalGroups = [], fsGroup, sysctls = [] } = securityContext;
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
      ...(around.cgroupParent === undefined ? {} : { cgroupParent: around.cgroupParent }),
      sysctls: Object.fromEntries(sysctls.map(({ name: key, value }) => [key, value])),
    },
  };
}
