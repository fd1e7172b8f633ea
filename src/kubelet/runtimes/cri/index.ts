/**
 * A runtime that speaks the Container Runtime Interface v1 on a unix socket, and what containerd offers there beside it.
 *
 * Guarantees: exits are told as they happen (containerd's events, else CRI's, else a look each 100 ms), also after the
 * runtime was started anew; a runtime that is not there is told within two seconds, in one line that names the socket;
 * every failed call has gRPC's code and the runtime's words. Loading this room loads gRPC and protobuf (60 ms): import it
 * when a runtime is really wanted.
 *
 * Not here: any decision about pods.
 */
export { CriClient, openCri } from './client.ts';
export { ContainerdClient, LOCAL_LABEL } from './containerd-client.ts';
export { CriError } from './cri-error.ts';
export { type CriRuntimeOptions, newCriRuntime } from './cri-runtime.ts';
export { type CrioStorage, crioStorage } from './crio-storage.ts';
