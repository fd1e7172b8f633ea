/**
 * A runtime for machines without a container engine: a container is a process group of this machine, with the pod's
 * environment and a working directory of its own. It does not isolate: the processes see the machine as the user who runs
 * the server does, and limits are not enforced.
 *
 * Volumes are directories of the host. Each is linked at its mount path below the working directory (`./data` for a mount
 * at `/data`), and `LONGSHORE_VOLUME_<NAME>` names it. What cannot be honoured is refused when the container is made: a
 * container without `command` (there is no image to take one from), host ports, terminals, and security settings.
 *
 * Processes live on when the server ends, and are found again by the next: their pid and start time are recorded, a
 * `sh` above each writes its exit code to a file, and what they print is kept in files until the server copies it into the
 * log.
 */
export { newProcessRuntime, type ProcessRuntimeOptions } from './process-runtime.ts';
