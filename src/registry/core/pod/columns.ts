import { findCondition } from '../../../apimachinery/meta/conditions.ts';
import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import type { Pod } from '../../../apis/core/types.ts';
import type { RowCondition, TableColumn } from '../../../apiserver/resource.ts';
import { ageColumn, nameColumn, text } from '../../table/index.ts';
import { restartsText, summarize } from './summary.ts';

/** The columns of `kubectl get pods`. */
export const POD_COLUMNS: readonly TableColumn<Pod>[] = [
  nameColumn,
  text('Ready', 'Containers that are ready, of how many.', (pod) => {
    const { ready, total } = summarize(pod);
    return `${ready}/${total}`;
  }),
  text('Status', 'What the pod is at, by its phase and its containers.', (pod) => summarize(pod).status),
  text(
    'Restarts',
    'How often its containers were started again, and how long ago the last time.',
    (pod, now) => restartsText(summarize(pod), now),
  ),
  ageColumn,
  text('IP', 'Address of the pod, once it has one.', (pod) => pod.status.podIPs?.[0]?.ip || '<none>', 1),
  text('Node', 'Node that the pod is bound to.', (pod) => pod.spec.nodeName || '<none>', 1),
  text(
    'Nominated Node',
    'Node on which pods are being preempted for this one.',
    (pod) => pod.status.nominatedNodeName || '<none>',
    1,
  ),
  text(
    'Readiness Gates',
    'Conditions beyond its containers that the pod waits for to be ready: how many hold, of how many.',
    readinessGatesText,
    1,
  ),
];

function readinessGatesText({ spec, status }: DeepReadonly<Pod>): string {
  const gates = spec.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  const passed = gates.filter(({ conditionType }) => {
    const condition = findCondition(status.conditions, conditionType);
    return condition?.status === 'True';
  });
  return `${passed.length}/${gates.length}`;
}

const OVER: Readonly<Record<string, string>> = {
  Succeeded: 'The pod has completed successfully.',
  Failed: 'The pod failed.',
};

/** What the row of a pod that is over says of it. */
export function podRowConditions({ status }: DeepReadonly<Pod>): readonly RowCondition[] {
  const { phase: reason } = status;
  const message = OVER[reason ?? ''];
  if (reason === undefined || message === undefined) return [];
  return [{ type: 'Completed', status: 'True', reason, message }];
}
