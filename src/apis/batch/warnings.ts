/** What is allowed but worth a warning. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { validateDns1123Label } from '../../apimachinery/validation/index.ts';
import { podTemplateWarnings } from '../core/index.ts';
import { COMPLETIONS_SOFT_LIMIT, PARALLELISM_MAX_ABOVE_SOFT_LIMIT } from './job-limits.ts';
import type { JobSpec } from './types.ts';

/** Warnings about the name of a Job or CronJob, which becomes part of its pods' names. */
export function nameWarnings(name: string): string[] {
  const wrongs = validateDns1123Label(name);
  if (wrongs.length === 0) return [];
  return [
    `metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${wrongs.join(' ')}]`,
  ];
}

/** Warnings about the spec of a Job at `path`. */
export function jobSpecWarnings(spec: DeepReadonly<JobSpec>, path: string): string[] {
  const warnings: string[] = [];
  const { completions = 0, parallelism = 0 } = spec;
  if (
    spec.completionMode === 'Indexed' &&
    completions > COMPLETIONS_SOFT_LIMIT &&
    parallelism > PARALLELISM_MAX_ABOVE_SOFT_LIMIT
  ) {
    warnings.push(
      `${path}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail`,
    );
  }
  return [...warnings, ...podTemplateWarnings(spec.template, `${path}.template`)];
}
