/** Where things of a pod lie below the node agent's directory. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** Longest name of a directory, in bytes (NAME_MAX). */
const NAME_LENGTH_MAX = 255;

/** What names a pod's places. */
export interface PodName {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** See the file's head. */
export class PodDirectories {
  /** The node agent's own. */
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** All pods' logs. */
  get logs(): string {
    return join(this.root, 'pods');
  }

  /** The node's own seccomp profiles, which pods name by their path below it. */
  get seccomp(): string {
    return join(this.root, 'seccomp');
  }

  /** Which pods may use which images. */
  get imageAccess(): string {
    return join(this.root, 'images', 'access.json');
  }

  /** All pods' volumes and other files. */
  get files(): string {
    return join(this.root, 'pod-files');
  }

  /** Where the node's disk in memory is mounted. */
  get memory(): string {
    return join(this.root, 'memory');
  }

  /** `<root>/pods/<namespace>_<name>_<uid>`: the layout of /var/log/pods. A name too long for a directory is cut. */
  logsOf({ namespace, name, uid }: PodName): string {
    const full = `${namespace}_${name}_${uid}`;
    if (full.length <= NAME_LENGTH_MAX) return join(this.logs, full);
    const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
    const room = NAME_LENGTH_MAX - namespace.length - uid.length - hash.length - 3;
    return join(this.logs, `${namespace}_${name.slice(0, room)}-${hash}_${uid}`);
  }

  /** The log of one run of a container. */
  logFile(pod: PodName, container: string, attempt: number): string {
    return join(this.logsOf(pod), container, `${attempt}.log`);
  }

  /** What a pod needs besides logs; removed when it has ended. */
  filesOf(uid: string): string {
    return join(this.files, uid);
  }

  volumesOf(uid: string): string {
    return join(this.filesOf(uid), 'volumes');
  }

  hostsFileOf(uid: string): string {
    return join(this.filesOf(uid), 'hosts');
  }

  /** Who answers the pod's questions for names; missing where the runtime says so. */
  resolvFileOf(uid: string): string {
    return join(this.filesOf(uid), 'resolv.conf');
  }

  /** Where one container's run leaves its last words. */
  terminationLog(uid: string, container: string, attempt: number): string {
    return join(this.filesOf(uid), 'termination', container, String(attempt));
  }
}
