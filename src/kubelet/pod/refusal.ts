/** Why this node does not take a pod that was bound to it. Source: pkg/kubelet/lifecycle (admission of pods on the node). */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { PodSpec } from '../../apis/core/types.ts';
import type { RuntimeFeatures } from '../runtimes/runtime.ts';

/** What the pod's event and status say. */
export interface Refusal {
  readonly reason: string;
  readonly message: string;
}

/**
 * Settings of the kernel that a pod may choose: each belongs to the pod's own network or IPC namespace, and none does
 * anything to others. That a pod has such a namespace of its own is for the server's rules to see to.
 */
const SAFE_SYSCTLS: ReadonlySet<string> = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
]);

/** Why a pod can never run here, undefined for one that can. */
export function refusalOf(spec: DeepReadonly<PodSpec>, features: RuntimeFeatures): Refusal | undefined {
  const { securityContext, os } = spec;
  if (os !== undefined && os.name !== 'linux') {
    return {
      reason: 'PodOSNotSupported',
      message: "Failed to admit pod as the OS field doesn't match node OS",
    };
  }
  if (securityContext?.supplementalGroupsPolicy === 'Strict' && !features.supplementalGroupsPolicy) {
    return {
      reason: 'SupplementalGroupsPolicyNotSupported',
      message: 'SupplementalGroupsPolicy=Strict is not supported in this node',
    };
  }
  for (const { name } of securityContext?.sysctls ?? []) {
    const dotted = withDots(name);
    if (SAFE_SYSCTLS.has(dotted)) continue;
    return { reason: 'SysctlForbidden', message: `forbidden sysctl: "${dotted}" not allowlisted` };
  }
  return undefined;
}

/** A name may be written with slashes; dots in it are then part of a word. */
function withDots(name: string): string {
  if (!/^[^.]*\//.test(name)) return name;
  return name.replaceAll(/[./]/g, (mark) => (mark === '/' ? '.' : '/'));
}

/** Why a pod that asks to be confined by AppArmor cannot run on a machine without; undefined for any other pod. */
export function appArmorRefusal(spec: DeepReadonly<PodSpec>, isEnabled: boolean): Refusal | undefined {
  const { securityContext, containers, initContainers = [] } = spec;
  const all = [securityContext, ...[...containers, ...initContainers].map((each) => each.securityContext)];
  const asks = all.some((each) => (each?.appArmorProfile?.type ?? 'Unconfined') !== 'Unconfined');
  if (!asks || isEnabled) return undefined;
  return { reason: 'AppArmor', message: 'Cannot enforce AppArmor: AppArmor is not enabled on the host' };
}
