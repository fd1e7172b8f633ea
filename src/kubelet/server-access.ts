/**
 * Where a pod's containers reach the API server, as their variables `KUBERNETES_SERVICE_…` tell. A server on a loopback address of
 * this machine is out of reach for a pod with a network of its own; it is asked to let such pods in on this machine's address of
 * their network, and nobody else.
 */
import { messageOf } from '../apimachinery/thrown.ts';
import { apiServerVariables } from './environment/service-variables.ts';
import { podSideAddress, type Routes } from './names/index.ts';

/** An API server as this node knows it. */
export interface ServerLocation {
  readonly host: string;
  readonly port: number;
  /**
   * Answers on the same port of another address of this machine too, to whoever `mayEnter` lets in. Rejects where it cannot. Absent for a
   * server that pods reach under `host`.
   */
  readonly letIn?: (address: string, mayEnter: (from: string) => boolean) => Promise<void>;
}

/** What it is made of. */
export interface ServerAccessOptions {
  readonly server: ServerLocation;
  /** What the kernel says now. */
  readonly routes: () => Routes;
  /** Told once of an address on which pods cannot be let in, in a sentence. */
  readonly unable: (why: string) => void;
}

/** See the file's head. */
export class ServerAccess {
  readonly #options: ServerAccessOptions;
  /** Addresses of this node's pods. */
  readonly #pods = new Set<string>();
  /** By this machine's address on a network of pods. */
  readonly #doors = new Map<string, Promise<void>>();
  readonly #told = new Set<string>();

  constructor(options: ServerAccessOptions) {
    this.#options = options;
  }

  /**
   * The variables for a pod, which is let in from now on. Never rejects.
   *
   * @param ips the pod's own addresses; none for a pod on the node's network.
   */
  async variables(ips: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { host, port, letIn } = this.#options.server;
    if (letIn === undefined || ips.length === 0) return apiServerVariables(host, port);
    for (const ip of ips) this.#pods.add(ip);
    const routes = this.#options.routes();
    for (const address of ips.flatMap((ip) => podSideAddress(ip, routes) ?? [])) {
      if (await this.open(address)) return apiServerVariables(address, port);
    }
    return apiServerVariables(host, port);
  }

  /** Whether the server is there for pods on that address of this machine, which it is asked for the first time. Never rejects. */
  async open(address: string): Promise<boolean> {
    const { server, unable } = this.#options;
    const { letIn, port } = server;
    if (letIn === undefined) return false;
    const opening =
      this.#doors.get(address) ?? letIn(address, (from) => from === address || this.#pods.has(from));
    this.#doors.set(address, opening);
    try {
      await opening;
      return true;
    } catch (error) {
      // Tried again with the next pod: whoever had the port may have gone.
      if (this.#doors.get(address) === opening) this.#doors.delete(address);
      const why = messageOf(error);
      if (!this.#told.has(address)) {
        this.#told.add(address);
        unable(`pods cannot reach the API server, since port ${port} of ${address} cannot be used: ${why}`);
      }
      return false;
    }
  }

  /** Whoever has these addresses is no pod any more. */
  leave(ips: readonly string[]): void {
    for (const ip of ips) this.#pods.delete(ip);
  }
}
