import type { ApiRequest } from '../../apimachinery/api-request.ts';

/** Upper ends of the buckets of request times, seconds; the last is open. */
const BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 30] as const;

interface Series {
  readonly labels: string;
  readonly counts: number[];
  count: number;
  seconds: number;
  readonly codes: Map<number, number>;
}

/** Counts requests and their times, by verb and resource. Bounded by what is served times the verbs. */
export class RequestMetrics {
  readonly #series = new Map<string, Series>();

  /** Notes a request that was answered with `code` after `milliseconds`; absent: one that ran for as long as it liked. */
  note(
    {
      verb,
      group,
      version,
      resource,
      subresource = '',
    }: Pick<ApiRequest, 'group' | 'version' | 'resource' | 'subresource'> & { readonly verb: string },
    code: number,
    milliseconds?: number,
  ): void {
    const key = `${verb} ${group} ${version} ${resource} ${subresource}`;
    let series = this.#series.get(key);
    if (series === undefined) {
      const labels = `group="${group}",resource="${resource}",subresource="${subresource}",verb="${verb.toUpperCase()}",version="${version}"`;
      series = { labels, counts: BUCKETS.map(() => 0), count: 0, seconds: 0, codes: new Map() };
      this.#series.set(key, series);
    }
    series.codes.set(code, (series.codes.get(code) ?? 0) + 1);
    if (milliseconds === undefined) return;
    const seconds = milliseconds / 1000;
    series.count++;
    series.seconds += seconds;
    const bucket = BUCKETS.findIndex((end) => seconds <= end);
    if (bucket >= 0) series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
  }

  /** The lines of Prometheus' text format, under upstream's names. */
  text(): string {
    const lines = [
      '# HELP apiserver_request_total Requests answered, by verb, resource and code.',
      '# TYPE apiserver_request_total counter',
    ];
    for (const { labels, codes } of this.#series.values()) {
      for (const [code, count] of codes)
        lines.push(`apiserver_request_total{code="${code}",${labels}} ${count}`);
    }
    lines.push(
      '# HELP apiserver_request_duration_seconds Time from a request to its answer.',
      '# TYPE apiserver_request_duration_seconds histogram',
    );
    for (const { labels, counts, count, seconds } of this.#series.values()) {
      if (count === 0) continue;
      let below = 0;
      for (const [at, end] of BUCKETS.entries()) {
        below += counts[at] ?? 0;
        lines.push(`apiserver_request_duration_seconds_bucket{${labels},le="${end}"} ${below}`);
      }
      lines.push(
        `apiserver_request_duration_seconds_bucket{${labels},le="+Inf"} ${count}`,
        `apiserver_request_duration_seconds_sum{${labels}} ${seconds}`,
        `apiserver_request_duration_seconds_count{${labels}} ${count}`,
      );
    }
    return `${lines.join('\n')}\n`;
  }
}
