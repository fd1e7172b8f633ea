/** Makes up what reads and deletions ask for: selectors, revisions, pages, representations, options. */
import type { Mutator } from './mutation.ts';

const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  labelSelector: [
    'app=sample', 'app==sample', 'app!=sample', 'app', '!app', 'app in (sample,b)', 'app notin (a)', 'app in ()', 'app>1', 'app<x', 'app=', '=',
    'a b', 'app in (a', 'x/y/z', 'app,app', ',', 'app=sample,', 'app in sample', '-a=b', 'app=-b', 'example.com/a=b', `${'k'.repeat(64)}=v`,
    `k=${'v'.repeat(64)}`, 'app = sample', 'app=a=b', 'a!=b!=c', '(a)', 'a in (a,)', 'a,in,notin', 'in in (in)', 'a gt 1', '!a=b', '!', 'a=!',
  ],
  fieldSelector: [
    'metadata.name=sample', 'metadata.name!=sample', 'metadata.namespace=default', 'status.phase=Running', 'status.phase!=Running', 'spec.nodeName=',
    'spec.restartPolicy=Never', 'status.successful=1', 'type=kubernetes.io/basic-auth', 'spec.unschedulable=true', 'reason=Because', 'x=y', '=',
    'metadata.name', 'metadata.name==sample', 'metadata.name=sample,metadata.namespace=default', 'metadata.name=a,metadata.name=b', 'metadata.labels=a',
    'involvedObject.kind=Pod', 'spec.signerName=example.com/s', 'metadata.name=\\x', 'metadata.name=a\\,b', 'metadata.name in (a)', ',', 'status.podIP=',
    'spec.host=a', 'spec.hostNetwork=false', 'status.nominatedNodeName=', 'spec.schedulerName=nobody', 'spec.serviceAccountName=default', 'spec.clusterIP=None',
  ],
  limit: ['0', '1', '500', '-1', 'x', '99999999999999999999', '1.5', ''],
  continue: ['', 'x', 'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEsInN0YXJ0IjoiYSJ9', 'bm90aGluZw', '%'],
  resourceVersion: ['', '0', '-1', 'x', '01', '1.0', '18446744073709551616'],
  resourceVersionMatch: ['', 'Exact', 'NotOlderThan', 'exact', 'x'],
  timeoutSeconds: ['5', '0', '-1', 'x', ''],
  allowWatchBookmarks: ['true', 'x', ''],
  sendInitialEvents: ['true', 'false', 'x'],
  includeObject: ['None', 'Metadata', 'Object', 'x', ''],
  pretty: ['true', 'false', 'x'],
  // Any other text would begin a watch that does not end.
  watch: ['false', '0'],
  fieldManager: ['a', ''],
  unknown: ['a'],
}; // biome-ignore format: a table
const ACCEPTS: readonly string[] = [
  'application/json',
  'application/json',
  'application/json;as=Table;g=meta.k8s.io;v=v1',
  'application/json;as=Table;g=meta.k8s.io;v=v1beta1',
  'application/json;as=Table;g=meta.k8s.io;v=v1,application/json',
  'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
  'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
  'application/json;as=Nothing;g=meta.k8s.io;v=v1',
  'application/json;as=Table;g=meta.k8s.io;v=v2',
  'application/xml',
  'text/plain,application/json;q=0.1',
  '*/*',
  '',
];
// The options of a body stand in for those of the query, so that each has to say that it is a dry run.
const OPTIONS: readonly string[] = [
  '',
  '{"dryRun":["All"]}',
  '{"dryRun":["All"],"kind":"DeleteOptions","apiVersion":"v1"}',
  '{"dryRun":["All"],"kind":"DeleteOptions","apiVersion":"meta.k8s.io/v1","propagationPolicy":"Foreground"}',
  '{"dryRun":["All"],"kind":"DeleteOptions","apiVersion":"batch/v1","propagationPolicy":"Orphan"}',
  '{"dryRun":["All"],"kind":"Pod","apiVersion":"v1"}',
  '{"dryRun":["All"],"kind":"DeleteOptions","apiVersion":"x/v1"}',
  '{"dryRun":["All"],"propagationPolicy":"Background","gracePeriodSeconds":0}',
  '{"dryRun":["All"],"propagationPolicy":"x"}',
  '{"dryRun":["All"],"orphanDependents":true}',
  '{"dryRun":["All"],"orphanDependents":false,"propagationPolicy":"Orphan"}',
  '{"dryRun":["All"],"gracePeriodSeconds":-1}',
  '{"dryRun":["All"],"gracePeriodSeconds":"1"}',
  '{"dryRun":["All"],"preconditions":{"uid":"a"}}',
  '{"dryRun":["All"],"preconditions":{"resourceVersion":"1"}}',
  '{"dryRun":["All"],"preconditions":{}}',
  '{"dryRun":["All"]}',
  '{"dryRun":["x"]}',
  '{"dryRun":["All","All"]}',
  '{"dryRun":["All"],"unknown":1}',
  '{"dryRun":["All"],"ignoreStoreReadErrorWithClusterBreakingPotential":true}',
  '[]',
  '{',
  '"a"',
];

/** A query for reading, one to three of the parameters that there are. */
export function readQuery(mutator: Mutator): string {
  const names = Array.from({ length: mutator.pick([0, 1, 1, 2, 2, 3]) }, () =>
    mutator.pick(Object.keys(PARAMETERS)),
  );
  return new URLSearchParams(
    [...new Set(names)].map((name) => [name, mutator.pick(PARAMETERS[name] ?? [''])]),
  ).toString();
}

/** In what form to answer. */
export function accepted(mutator: Mutator): string {
  return mutator.pick(ACCEPTS);
}

/** The body of a deletion; empty for none. */
export function deleteOptions(mutator: Mutator): string {
  return mutator.pick(OPTIONS);
}
