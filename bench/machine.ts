/** What the figures were measured on, and how they are printed. */
import { cpus, release, totalmem } from 'node:os';

/** One measured figure. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The figure to reach, with the side it must be on; absent where there is none. */
  readonly goal?: { readonly atMost: number } | { readonly atLeast: number };
}

/** A line that names the machine. */
export function machineLine(): string {
  const cores = cpus();
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  return `${cores.length} × ${cores[0]?.model.trim() ?? 'unknown cpu'}, ${gibibytes} GiB, Linux ${release()}, Node ${process.versions.node}`;
}

/** Whether a figure reaches its goal; true where it has none. */
export function reaches({ value, goal }: Figure): boolean {
  if (goal === undefined) return true;
  return 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast;
}

/** One line of the report. */
export function figureLine(figure: Figure): string {
  const { name, value, unit, goal } = figure;
  const shown = `${value >= 100 ? Math.round(value) : Number(value.toPrecision(3))} ${unit}`.trim();
  const aim = goal === undefined ? '' : 'atMost' in goal ? `≤ ${goal.atMost}` : `≥ ${goal.atLeast}`;
  return `${name.padEnd(58)}${shown.padStart(14)}   ${aim.padEnd(10)}${goal === undefined ? '' : reaches(figure) ? 'reached' : 'NOT reached'}`;
}

/** The middle of some values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
