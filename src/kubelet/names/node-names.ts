/** Gives the pods of one node a DNS server, once one of them has an address of its own. */
import { messageOf } from '../../apimachinery/thrown.ts';
import type { ComponentContext } from '../../client/index.ts';
import type { NameServer } from './name-server.ts';
import { podSideAddress, type Routes } from './pod-side-address.ts';

/** Port of DNS, which a resolv.conf cannot change. */
const PORT = 53;

/** What it is made of. */
export interface NodeNamesOptions {
  readonly context: ComponentContext;
  /** `cluster.local`. */
  readonly domain: string;
  /** The node's own resolvers, for all other names. */
  readonly upstream: readonly string[];
  /** What the kernel says now. */
  readonly routes: () => Routes;
  /** The port on which the API server is there for pods on that address of this machine; undefined: it is elsewhere, or nowhere. */
  readonly serverPort?: (address: string) => Promise<number | undefined>;
  /** Told once of an address on which nobody can be answered, in a sentence. */
  readonly unable: (why: string) => void;
}

/** See the file's head. */
export class NodeNames {
  readonly #options: NodeNamesOptions;
  /** Addresses of this node's pods. */
  readonly #pods = new Set<string>();
  /** By this machine's address on a network of pods. */
  readonly #servers = new Map<string, Promise<NameServer | undefined>>();
  readonly #listening = new Set<string>();
  readonly #told = new Set<string>();
  #stopped = false;

  constructor(options: NodeNamesOptions) {
    this.#options = options;
  }

  /**
   * Answers the DNS servers for a pod, whose questions are answered from now on. None where this machine has no address on the pod's
   * network, or port 53 of it is taken: then pods resolve as the node does. Never rejects.
   *
   * @param ips the pod's own addresses; none for a pod on the node's network.
   */
  async join(ips: readonly string[]): Promise<readonly string[]> {
    for (const ip of ips) this.#pods.add(ip);
    if (ips.length === 0) return [...this.#listening];
    const routes = this.#options.routes();
    const addresses = ips.flatMap((ip) => podSideAddress(ip, routes) ?? []);
    for (const address of addresses) await this.#listen(address);
    return addresses.filter((address) => this.#listening.has(address));
  }

  /** Whoever has these addresses is no pod any more. */
  leave(ips: readonly string[]): void {
    for (const ip of ips) this.#pods.delete(ip);
  }

  /** Answers nobody any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const server of this.#servers.values()) await (await server)?.close();
    this.#servers.clear();
    this.#listening.clear();
  }

  async #listen(address: string): Promise<void> {
    if (this.#stopped) return;
    let server = this.#servers.get(address);
    if (server === undefined) {
      server = this.#open(address);
      this.#servers.set(address, server);
    }
    // What failed is tried again with the next pod: whoever had the port may have gone.
    const opened = await server;
    if (opened === undefined && this.#servers.get(address) === server) this.#servers.delete(address);
    if (opened !== undefined && !this.#stopped) this.#listening.add(address);
  }

  async #open(address: string): Promise<NameServer | undefined> {
    const { context, domain, upstream, unable, serverPort } = this.#options;
    const { clock, log } = context;
    try {
      // Loaded with the first pod that has an address: most machines never have one.
      const [{ NameServer: Opened }, { ClusterNames }, { Forwarder }] = await Promise.all([
        import('./name-server.ts'),
        import('./cluster-names.ts'),
        import('./forwarder.ts'),
      ]);
      const port = await serverPort?.(address);
      const records = new ClusterNames(context, port === undefined ? undefined : { address, port });
      records.start();
      const forwarder = new Forwarder(
        upstream.filter((each) => each !== address),
        clock,
      );
      const mayAsk = (from: string): boolean => from === address || this.#pods.has(from);
      const server = new Opened(clock, { records, forwarder, domain }, mayAsk);
      await server.listen(address, PORT);
      log.info({ address }, 'pods are told the names of the cluster here');
      return server;
    } catch (error) {
      const why = messageOf(error);
      if (!this.#told.has(address)) {
        this.#told.add(address);
        unable(
          `pods cannot find each other by name, since port ${PORT} of ${address} cannot be used: ${why}`,
        );
      }
      return undefined;
    }
  }
}
