/** What the kernel's security modules are to take a container for. */

/** Which profile (of seccomp, of AppArmor) confines a container. */
export interface SecurityProfile {
  readonly type: 'RuntimeDefault' | 'Unconfined' | 'Localhost';
  /** For `Localhost`: path of a seccomp profile; name of an AppArmor profile that the kernel knows. */
  readonly localhostRef?: string;
}

/** What SELinux is to take a container for; an empty text leaves a part to the runtime. */
export interface SeLinuxLabel {
  readonly user: string;
  readonly role: string;
  readonly type: string;
  readonly level: string;
}
