/** Gathers the figures of a process's components and writes them in Prometheus' text format. */
import { invariant } from '../apimachinery/invariant.ts';
import type { MetricSeries, Metrics } from './controller.ts';

/** The series of one name. */
interface Family {
  readonly first: MetricSeries;
  readonly byLabels: Map<string, MetricSeries>;
}

/** See the file's head. As many series as components expose, each once however often it is exposed. */
export class ComponentMetrics implements Metrics {
  readonly #families = new Map<string, Family>();

  expose(series: MetricSeries): void {
    const { name, type, labels = {} } = series;
    let family = this.#families.get(name);
    if (family === undefined) {
      family = { first: series, byLabels: new Map() };
      this.#families.set(name, family);
    }
    invariant(family.first.type === type, `${name} is exposed as ${family.first.type} and as ${type}`);
    family.byLabels.set(labelText(labels), series);
  }

  /** The series with their values of now, those of a name together, as version 0.0.4 of the format wants it. */
  text(): string {
    const lines: string[] = [];
    for (const { first, byLabels } of this.#families.values()) {
      lines.push(`# HELP ${first.name} ${first.help}`, `# TYPE ${first.name} ${first.type}`);
      for (const [labels, { name, read }] of byLabels) lines.push(`${name}${labels} ${read()}`);
    }
    return lines.map((line) => `${line}\n`).join('');
  }
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
