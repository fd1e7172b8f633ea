/**
 * Containers as plain processes of this machine, for machines without a container engine.
 *
 * What holds: each container is a session (and process group) of its own, under a tiny supervisor that writes its exit
 * code to a file; so it goes on when this process ends, is found again by the next, and its end is known even if nobody
 * was there to see it. Output goes to files, from which the log in CRI's format is made.
 *
 * How a container sees its pod: its working directory stands for its root: a volume mounted at `/data` is `data` below
 * it (a link to the volume). `LONGSHORE_ROOT` is that directory's path, `LONGSHORE_VOLUME_<NAME>` that of each volume (of
 * its first mount) and `LONGSHORE_TERMINATION_LOG` that of the termination message. Of this process's environment it gets
 * PATH, HOME, USER, LANG and TZ alone.
 *
 * Where this process is root and Linux lets it (`namespaces.ts`), a container has mounts of its own: each volume is at the very
 * path that the pod asks for, read-only where it says so (`layout.ts`), while the machine's own directories stay as they are. It
 * has processes of its own, so that whatever it started ends with it, and runs as the user and the groups that the pod asks
 * for. Its working directory stands for its root all the same. Elsewhere, volumes are below the working directory alone.
 *
 * Commands run beside a container (`exec`) have its environment and working directory, and end with it; a terminal for one
 * is made by util-linux's `script`. A container with `stdin` or `tty` reads a named pipe, and with `tty` runs under
 * such a terminal. A pod's ports are this machine's.
 *
 * A container joins the control groups that the node agent made for it, where that may make some; so do commands beside it, where
 * it has namespaces. Its limits, and what it used, are theirs.
 *
 * What it does not do: isolate. A process sees the machine as any other of its user does; images and dropped capabilities
 * mean nothing here, nor, without namespaces, read-only mounts. What would silently do something else than was asked is
 * refused (`refusals.ts`): an image's own entrypoint, privileges, capabilities that this process lacks itself, other users where
 * there are no namespaces, ports of the node that differ from the process's own.
 */
export { newProcessRuntime, type ProcessRuntimeOptions } from './process-runtime.ts';
