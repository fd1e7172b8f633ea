/**
 * The Pod Security Standards: what a namespace asks of its pods, and what is to be said against one. The checks, their
 * versions and their words are those of Kubernetes 1.36's pod-security-admission.
 *
 * Pure: which namespace a pod is in, and what happens to it, is the affair of the admission plugin in `registry`.
 */
export { reasonsText, violationsOf, violationsText } from './evaluate.ts';
export {
  compareLevels,
  type LevelVersion,
  levelVersionText,
  type Policy,
  parseLevel,
  parseVersion,
  sameLevelVersion,
} from './level.ts';
export { POLICY_LABEL_PREFIX, policyOfLabels, uniformPolicy } from './policy.ts';
export type { Subject } from './subject.ts';
