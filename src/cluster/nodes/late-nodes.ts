import { newServiceUnavailable } from '../../apimachinery/status-error.ts';
import type {
  ConsumptionSource,
  NodeAgentSource,
  PodLogSource,
  PodStreamSource,
} from '../../registry/index.ts';

/** What the API server asks of the nodes: the logs of their pods, streams to them, what they use, and the way to their agents. */
export type NodeAccess = PodLogSource & PodStreamSource & NodeAgentSource & ConsumptionSource;

/** Stands for the node agents until they have started; until then, every question is answered with 503. */
export class LateNodes implements NodeAccess {
  #nodes: NodeAccess | undefined;

  /** The agents are there. */
  connect(nodes: NodeAccess): void {
    this.#nodes = nodes;
  }

  async open(...args: Parameters<NodeAccess['open']>): ReturnType<NodeAccess['open']> {
    return this.#there().open(...args);
  }

  async exec(...args: Parameters<NodeAccess['exec']>): ReturnType<NodeAccess['exec']> {
    return this.#there().exec(...args);
  }

  async attach(...args: Parameters<NodeAccess['attach']>): ReturnType<NodeAccess['attach']> {
    return this.#there().attach(...args);
  }

  async ports(...args: Parameters<NodeAccess['ports']>): ReturnType<NodeAccess['ports']> {
    return this.#there().ports(...args);
  }

  async agent(...args: Parameters<NodeAccess['agent']>): ReturnType<NodeAccess['agent']> {
    return this.#there().agent(...args);
  }

  async dial(...args: Parameters<NodeAccess['dial']>): ReturnType<NodeAccess['dial']> {
    return this.#there().dial(...args);
  }

  async consumption(...args: Parameters<NodeAccess['consumption']>): ReturnType<NodeAccess['consumption']> {
    return this.#there().consumption(...args);
  }

  #there(): NodeAccess {
    if (this.#nodes === undefined) throw newServiceUnavailable('no node agent runs in this server');
    return this.#nodes;
  }
}
