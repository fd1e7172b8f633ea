/**
 * Probes and lifecycle hooks: how a container is asked how it is, and how often.
 *
 * What holds: one question at a time for each probe; no answer in time is a bad answer; nothing is told of a container
 * after its probes were stopped. What follows from an answer is the pod's worker to decide.
 */
export { check, type Handler } from './check.ts';
export { ContainerProbes, type ProbeKind } from './container-probes.ts';
