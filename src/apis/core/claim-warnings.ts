import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { canonicalAmount, isWhole } from './amounts.ts';
import type { PersistentVolumeClaimSpec } from './types.ts';

/** Warnings for what a claim of storage asks for: a part of a byte makes no sense. */
export function claimSpecWarnings(spec: DeepReadonly<PersistentVolumeClaimSpec>, path: string): string[] {
  const warnings: string[] = [];
  for (const list of ['requests', 'limits'] as const) {
    const amount = spec.resources?.[list]?.['storage'];
    if (amount === undefined || isWhole(amount)) continue;
    const shown = JSON.stringify(canonicalAmount(amount));
    warnings.push(
      `${path}.resources.${list}[storage]: fractional byte value ${shown} is invalid, must be an integer`,
    );
  }
  return warnings;
}
