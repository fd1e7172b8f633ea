/**
 * The Container Runtime Interface v1 over a unix socket, and what containerd offers there beside it.
 *
 * Guarantees: a runtime that is not there is told within two seconds, in one line that names the socket; every failed
 * call rejects with a CriError that has gRPC's code and the runtime's words. Loading this room loads gRPC and protobuf
 * (60 ms): import it when a runtime is really wanted.
 *
 * Not here: any decision about pods.
 */
export { CriClient, openCri } from './client.ts';
export { ContainerdClient, LOCAL_LABEL } from './containerd-client.ts';
export { CriError } from './cri-error.ts';
export { CONTAINERD_SOCKETS, findContainerdSocket } from './find-socket.ts';
