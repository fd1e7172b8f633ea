/** The node agents of this process. */
import type { Component, ComponentContext } from '../client/index.ts';
import type { PodLogSource } from '../registry/index.ts';
import type { RuntimeChoice } from './runtime-choice.ts';

export interface NodesOptions {
  readonly context: ComponentContext;
  readonly choice: RuntimeChoice;
  readonly count: number;
  readonly nodeName: string;
  readonly directory: string;
  readonly killPodsOnStop: boolean;
  connectLogs(source: PodLogSource): void;
}

export interface Nodes {
  readonly components: readonly Component[];
  readonly description: string;
  readonly notices: readonly string[];
  close(): Promise<void>;
}

export async function newNodes(options: NodesOptions): Promise<Nodes> {
  return { components: [], description: options.choice.kind, notices: [], async close() {} };
}
