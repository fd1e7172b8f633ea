/**
 * A Docker Engine as the node agent's runtime, over its HTTP API on a unix socket, version 1.41 (Docker 20.10) or newer.
 * Shown on Docker 20.10; Podman's socket speaks the same API, but pods on it have not been proven.
 *
 * How a pod becomes containers: its sandbox is a container of a tiny image that is made here (`pause/`), whose network, IPC
 * and, where asked for, process namespaces the pod's containers join. Labels find them again after a restart, and keep two
 * servers on one engine apart. The engine's events tell of exits; its logs are taken over into files in CRI's format, from
 * where these end, so that nothing is lost or told twice when this process was away.
 *
 * Guarantees: those of runtime.ts. Nothing of the engine's machine is assumed but that it mounts the directories it is
 * given: it may be a virtual one. Images are the user's own: none is ever cleared away.
 *
 * What it does not do: groups of the image's user cannot be left out (`supplementalGroupsPolicy: Strict`); a command that
 * is given up after its time goes on, where the engine is on another machine; memory of a whole pod is limited only where the
 * engine is on this machine and makes control groups by itself (cgroupfs).
 */
export { DockerError } from './docker-error.ts';
export { type DockerRuntimeOptions, newDockerRuntime } from './docker-runtime.ts';
export { EngineClient } from './engine-client.ts';
export { EngineImages } from './engine-images.ts';
