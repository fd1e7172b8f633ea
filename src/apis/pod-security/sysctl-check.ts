import type { Check } from './subject.ts';

/** Kernel settings that a pod has to itself, by the minor version since when each is allowed. */
const SAFE: Readonly<Record<number, readonly string[]>> = {
  0: [
    'kernel.shm_rmid_forced',
    'net.ipv4.ip_local_port_range',
    'net.ipv4.tcp_syncookies',
    'net.ipv4.ping_group_range',
    'net.ipv4.ip_unprivileged_port_start',
  ],
  27: ['net.ipv4.ip_local_reserved_ports'],
  29: [
    'net.ipv4.tcp_keepalive_time',
    'net.ipv4.tcp_fin_timeout',
    'net.ipv4.tcp_keepalive_intvl',
    'net.ipv4.tcp_keepalive_probes',
  ],
  32: ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'],
};

/** Baseline: only kernel settings that were safe as of that minor version. */
export function sysctls(minor: number): Check {
  const safe = new Set(
    Object.entries(SAFE).flatMap(([since, names]) => (Number(since) <= minor ? names : [])),
  );
  return ({ spec }) => {
    const wrong = (spec.securityContext?.sysctls ?? [])
      .map(({ name }) => name)
      .filter((name) => !safe.has(name));
    return wrong.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: wrong.join(', ') };
  };
}
