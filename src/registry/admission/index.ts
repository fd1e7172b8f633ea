/**
 * Rules beyond a kind's own, which need to look at other objects: whether the namespace is there, which account a pod has,
 * what a quota allows. On every write some fill in before it is validated and others refuse afterwards, in Kubernetes'
 * order.
 *
 * They remember nothing that the store does not hold, but for a few seconds of quota reservations.
 */
import type { Clock } from '../../apimachinery/clock.ts';
import type { Random } from '../../apimachinery/random.ts';
import type { LevelVersion } from '../../apis/pod-security/index.ts';
import type { Authorizer } from '../../apiserver/index.ts';
import type { AdmissionPlugin } from '../../apiserver/resource.ts';
import { nodeRestriction } from '../node-access/index.ts';
import { certificateDecisions, certificateSubjectRestriction } from './certificates.ts';
import { claimResize } from './claim-resize.ts';
import { defaultStorageClassPlugin } from './default-storage-class.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { limitDefaults, limitRanger } from './limit-ranger.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { nodeTaint } from './node-taint.ts';
import { podResize } from './pod-resize.ts';
import { podSecurity } from './pod-security.ts';
import { onlyDefaultClass, priority, systemClasses } from './priority.ts';
import { resourceQuota } from './resource-quota.ts';
import { noOwnOverhead, runtimeClassPlugin } from './runtime-class.ts';
import { serviceAccountPlugin } from './service-account.ts';
import { serviceAddresses } from './service-addresses.ts';
import { storageInUse } from './storage-in-use.ts';

/** What the plugins need of the rest of the machine. */
export interface AdmissionDependencies {
  readonly clock: Clock;
  readonly random: Random;
  /** What namespaces without labels ask of their pods. Default, as Kubernetes': nothing. */
  readonly podSecurity?: LevelVersion;
  /** Asked who may approve and sign certificates; absent: that is not looked at. */
  readonly authorizer?: Authorizer;
}

const NOTHING_ASKED: LevelVersion = { level: 'privileged', version: Infinity };

/** The plugins that Kubernetes runs by default, as far as they concern what is served here, in its order. */
export function defaultAdmission({
  clock,
  random,
  podSecurity: level = NOTHING_ASKED,
  authorizer,
}: AdmissionDependencies): readonly AdmissionPlugin[] {
  return [
    namespaceLifecycle,
    limitDefaults,
    nodeRestriction,
    nodeTaint,
    limitRanger,
    serviceAccountPlugin(clock, random),
    priority,
    onlyDefaultClass,
    systemClasses,
    defaultTolerationSeconds,
    defaultStorageClassPlugin,
    storageInUse,
    claimResize,
    runtimeClassPlugin,
    noOwnOverhead,
    serviceAddresses(random),
    podSecurity(level, clock),
    ...(authorizer === undefined ? [] : certificateDecisions(authorizer)),
    certificateSubjectRestriction,
    podResize,
    resourceQuota(),
  ];
}
