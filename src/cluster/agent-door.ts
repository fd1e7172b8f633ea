import type { Agent, AgentOptions } from './agent.ts';

export type { Agent, AgentOptions } from './agent.ts';

/** Joins a server elsewhere as a node; see agent.ts, which only a node agent by itself has to load. */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { startAgent: start } = await import('./agent.ts');
  return start(options);
}
