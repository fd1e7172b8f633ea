/** Linux' capabilities in the order of their bits (capabilities(7), linux/capability.h). */
const NAMES = [
  'CHOWN',
  'DAC_OVERRIDE',
  'DAC_READ_SEARCH',
  'FOWNER',
  'FSETID',
  'KILL',
  'SETGID',
  'SETUID',
  'SETPCAP',
  'LINUX_IMMUTABLE',
  'NET_BIND_SERVICE',
  'NET_BROADCAST',
  'NET_ADMIN',
  'NET_RAW',
  'IPC_LOCK',
  'IPC_OWNER',
  'SYS_MODULE',
  'SYS_RAWIO',
  'SYS_CHROOT',
  'SYS_PTRACE',
  'SYS_PACCT',
  'SYS_ADMIN',
  'SYS_BOOT',
  'SYS_NICE',
  'SYS_RESOURCE',
  'SYS_TIME',
  'SYS_TTY_CONFIG',
  'MKNOD',
  'LEASE',
  'AUDIT_WRITE',
  'AUDIT_CONTROL',
  'SETFCAP',
  'MAC_OVERRIDE',
  'MAC_ADMIN',
  'SYSLOG',
  'WAKE_ALARM',
  'BLOCK_SUSPEND',
  'AUDIT_READ',
  'PERFMON',
  'BPF',
  'CHECKPOINT_RESTORE',
];
const PREFIX = /^CAP_/;

/**
 * Which of the capabilities that a container asks for a process lacks, in the pod's words.
 *
 * @param asked names with or without `CAP_`, in letters of either size; `ALL` for every one.
 * @param status the process's `/proc/PID/status`; empty where there is none, and it counts as having no capability.
 */
export function lackingCapabilities(asked: readonly string[], status: string): readonly string[] {
  const held = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  const isHeld = (bit: number): boolean => ((held >> BigInt(bit)) & 1n) === 1n;
  return asked.filter((name) => {
    const wanted = name.toUpperCase().replace(PREFIX, '');
    if (wanted === 'ALL') return !NAMES.every((_, bit) => isHeld(bit));
    const bit = NAMES.indexOf(wanted);
    return bit < 0 || !isHeld(bit);
  });
}
