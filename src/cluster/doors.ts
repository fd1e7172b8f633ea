/** The two ways to start something: each loads only what it needs, for an agent needs no server and no store. */
import type { Agent, AgentOptions } from './agent/agent.ts';
import type { Cluster, ClusterOptions } from './cluster.ts';

/** Joins a server elsewhere as a node; see agent/agent.ts. @throws {UserError} */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { startAgent: start } = await import('./agent/agent.ts');
  return start(options);
}

/** Starts a whole cluster in this process; see cluster.ts. @throws {UserError} */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { startCluster: start } = await import('./cluster.ts');
  return start(options);
}
