/** `pods/log`: finds out which container is meant and what of its log, and hands on what the node tells. */

import { rfc3339 } from '../../../apimachinery/clock.ts';
import { type FieldError, forbidden, invalid } from '../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import { newBadRequest, newInvalid } from '../../../apimachinery/status-error.ts';
import type { PodLogOptions } from '../../../apis/core/index.ts';
import type { Pod } from '../../../apis/core/types.ts';
import type { CustomSubresource } from '../../../apiserver/resource.ts';
import { chooseContainer } from './chosen-container.ts';
import { flagIn } from './query-flag.ts';

/** The way to the logs of a node. */
export interface PodLogSource {
  /**
   * Opens the log of a pod that is bound to a node; rejects with the StatusError that the client gets. `traceparent`: the
   * trace that this is part of.
   */
  open(
    pod: DeepReadonly<Pod>,
    parameters: PodLogOptions,
    signal: AbortSignal | undefined,
    traceparent?: string,
  ): Promise<AsyncIterable<Uint8Array>>;
}

/** Makes `pods/log` with a way to the nodes. */
export function podLog(source: PodLogSource): CustomSubresource {
  return {
    kind: 'custom',
    verbs: ['get'],
    tells: true,
    async handle(request, _context, backend) {
      const name = request.name ?? '';
      const options = parseParameters(request.parameters ?? {});
      const errors = validateParameters(options);
      // To choose one of the two streams is a feature that is off by default.
      if (request.parameters?.['stream'] !== undefined) {
        errors.push(forbidden('stream', 'may not be specified'));
      }
      if (errors.length > 0) throw newInvalid('', 'PodLogOptions', name, errors);
      const { subresource: _, ...ofPod } = request;
      const pod = (await backend.get(ofPod)) as DeepReadonly<Pod>;
      const container = chooseContainer(pod, options.container);
      const { nodeName = '' } = pod.spec;
      // A pod without a node has written nothing yet.
      if (nodeName === '') return { kind: 'stream', code: 204, contentType: 'text/plain', bytes: nothing() };
      const bytes = await source.open(pod, { ...options, container }, request.signal, request.traceparent);
      return { kind: 'stream', contentType: 'text/plain', bytes };
    },
  };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function parseParameters(parameters: Readonly<Record<string, string>>): PodLogOptions {
  const flag = (name: string): boolean => flagIn(parameters, name);
  const whole = (name: string): Record<string, number> => {
    const text = parameters[name];
    if (text === undefined) return {};
    if (!/^[+-]?[0-9]+$/.test(text)) {
      throw newBadRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
    }
    return { [name]: Number(text) };
  };
  const { sinceTime } = parameters;
  if (sinceTime !== undefined && Number.isNaN(Date.parse(sinceTime))) {
    const quoted = JSON.stringify(sinceTime);
    const layout = '"2006-01-02T15:04:05Z07:00"';
    throw newBadRequest(`parsing time ${quoted} as ${layout}: cannot parse ${quoted} as "2006"`);
  }
  return {
    container: parameters['container'] ?? '',
    follow: flag('follow'),
    previous: flag('previous'),
    timestamps: flag('timestamps'),
    ...whole('tailLines'),
    ...whole('limitBytes'),
    ...whole('sinceSeconds'),
    // The kubelet is told whole seconds.
    ...(sinceTime === undefined ? {} : { sinceTime: rfc3339(Date.parse(sinceTime)) }),
  };
}

function validateParameters(options: PodLogOptions): FieldError[] {
  const errors: FieldError[] = [];
  const { tailLines, limitBytes, sinceSeconds, sinceTime } = options;
  if (tailLines !== undefined && tailLines < 0) {
    errors.push(invalid('tailLines', tailLines, 'must be greater than or equal to 0'));
  }
  if (limitBytes !== undefined && limitBytes < 1) {
    errors.push(invalid('limitBytes', limitBytes, 'must be greater than 0'));
  }
  // An empty path, as Go writes it.
  if (sinceSeconds !== undefined && sinceTime !== undefined) {
    errors.push(forbidden('[]', 'at most one of `sinceTime` or `sinceSeconds` may be specified'));
  } else if (sinceSeconds !== undefined && sinceSeconds < 1) {
    errors.push(invalid('sinceSeconds', sinceSeconds, 'must be greater than 0'));
  }
  return errors;
}
