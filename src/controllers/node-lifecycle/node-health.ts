/** What is known of a node's signs of life, and what its silence means. Pure. */

import { rfc3339 } from '../../apimachinery/clock.ts';
import { findCondition } from '../../apimachinery/meta/conditions.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Lease } from '../../apis/coordination/types.ts';
import type { Node, NodeCondition } from '../../apis/core/types.ts';

/** The signs of life of one node as they were last seen. */
export interface NodeHealth {
  /** When the last sign was seen; monotonic milliseconds. */
  readonly seenAt: number;
  /** Time of the Ready condition's heartbeat; undefined while the node has no such condition. */
  readonly heartbeat: string | undefined;
  /** The lease's time of renewal. */
  readonly renewed: string | undefined;
}

/** Two readings of the same moment. */
export interface Moment {
  /** Milliseconds since 1970. */
  readonly wall: number;
  /** Monotonic milliseconds. */
  readonly monotonic: number;
}

/** How long a node may be silent, in milliseconds. */
export interface Patience {
  /** A node that has reported before. */
  readonly graceMs: number;
  /** A node that has never reported. */
  readonly startupMs: number;
}

/** Conditions that nobody vouches for once the node is silent (the network's is not the node's own to tell). */
const OWN_CONDITIONS = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'] as const;

/** The condition of that type. */
export function conditionOf(node: DeepReadonly<Node>, type: string): DeepReadonly<NodeCondition> | undefined {
  return findCondition(node.status?.conditions, type);
}

/** Takes in how the node looks now. A sign is whatever differs from what was seen before. */
export function observeHealth(
  before: NodeHealth | undefined,
  node: DeepReadonly<Node>,
  lease: DeepReadonly<Lease> | undefined,
  now: Moment,
): NodeHealth {
  const ready = conditionOf(node, 'Ready');
  const heartbeat = ready === undefined ? undefined : (ready.lastHeartbeatTime ?? '');
  const renewed = lease?.spec.renewTime;
  let seenAt: number;
  if (before === undefined) {
    // A node without any status has been silent since it was made; of any other it is not known since when.
    const age = Math.max(0, now.wall - Date.parse(node.metadata.creationTimestamp));
    seenAt = ready === undefined ? now.monotonic - age : now.monotonic;
  } else seenAt = heartbeat === before.heartbeat ? before.seenAt : now.monotonic;
  if (renewed !== undefined && renewed !== before?.renewed) seenAt = now.monotonic;
  return { seenAt, heartbeat, renewed };
}

/** Whether the node has been silent for too long. */
export function isSilent(
  health: NodeHealth,
  node: DeepReadonly<Node>,
  now: number,
  patience: Patience,
): boolean {
  const mayBe = conditionOf(node, 'Ready') === undefined ? patience.startupMs : patience.graceMs;
  return now - health.seenAt > mayBe;
}

/** The conditions of a silent node: nothing is known of it any more. */
export function conditionsOfSilence(node: DeepReadonly<Node>, wall: number): NodeCondition[] {
  const conditions = (node.status?.conditions ?? []).map((each) => ({ ...each }));
  const lastTransitionTime = rfc3339(wall);
  for (const type of OWN_CONDITIONS) {
    const found = findCondition(conditions, type);
    if (found === undefined) {
      conditions.push({
        type,
        status: 'Unknown',
        reason: 'NodeStatusNeverUpdated',
        message: 'Kubelet never posted node status.',
        lastHeartbeatTime: node.metadata.creationTimestamp,
        lastTransitionTime,
      });
    } else if (found.status !== 'Unknown') {
      Object.assign(found, {
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
        lastTransitionTime,
      });
    }
  }
  return conditions;
}
