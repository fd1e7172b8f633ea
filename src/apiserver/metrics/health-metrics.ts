interface Results {
  readonly endpoint: string;
  readonly name: string;
  /** How the last check came out. */
  good: boolean;
  readonly counts: { success: number; error: number };
}

/** Counts how health checks came out, for `/metrics/slis`. Bounded by the checks that there are. */
export class HealthMetrics {
  readonly #results = new Map<string, Results>();

  /** A check was made at an endpoint (`livez`). */
  note(endpoint: string, name: string, good: boolean): void {
    const key = `${name} ${endpoint}`;
    const results = this.#results.get(key) ?? { endpoint, name, good, counts: { success: 0, error: 0 } };
    results.good = good;
    results.counts[good ? 'success' : 'error'] += 1;
    this.#results.set(key, results);
  }

  /** The lines of Prometheus' text format, under upstream's names. */
  text(): string {
    const inOrder = [...this.#results].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, results]) => results);
    const last = inOrder.map(
      ({ endpoint, name, good }) =>
        `kubernetes_healthcheck{name="${name}",type="${endpoint}"} ${good ? 1 : 0}`,
    );
    const counts = inOrder.flatMap(({ endpoint, name, counts: { error, success } }) =>
      Object.entries({ error, success })
        .filter(([, count]) => count > 0)
        .map(
          ([status, count]) =>
            `kubernetes_healthchecks_total{name="${name}",status="${status}",type="${endpoint}"} ${count}`,
        ),
    );
    return [
      '# HELP kubernetes_healthcheck How a health check came out the last time: 1 for good.',
      '# TYPE kubernetes_healthcheck gauge',
      ...last,
      '# HELP kubernetes_healthchecks_total Health checks made, by how they came out.',
      '# TYPE kubernetes_healthchecks_total counter',
      ...counts,
      '',
    ].join('\n');
  }
}
