/**
 * Deletes Jobs some time after they have finished. Upstream: pkg/controller/ttlafterfinished.
 *
 * What it is: a component that looks at the `spec.ttlSecondsAfterFinished` of finished Jobs, and at longshore's
 * annotations that give failed and succeeded Jobs a time of their own.
 *
 * What it guarantees: no Job goes before its time as the API server has it at that moment, nor one that merely has the
 * same name; dependents go with it (foreground propagation).
 *
 * What it does not do: it deletes no dependents itself (garbage-collector).
 */
export { newTtlAfterFinishedController } from './ttl-after-finished-controller.ts';
