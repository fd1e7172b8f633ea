import { type FieldError, forbidden, notSupported } from '../../apimachinery/field-error.ts';
import { newInvalid } from '../../apimachinery/status-error.ts';
import { type ListSelectors, readListParameters } from './list-selectors.ts';
import { booleanParameter, integerParameter, type Parameters } from './parameters.ts';
import { parseResourceVersion } from './resource-version.ts';

/** What a watch asks for. */
export interface WatchOptions {
  readonly selectors: ListSelectors;
  /** Start after this revision; 0: begin with the present state as ADDED events. */
  readonly after: number;
  /** Whether the present state comes first, whatever `after` says. */
  readonly initialEvents: boolean;
  /** Whether the end of the initial events is marked by an annotated bookmark. */
  readonly markInitialEvents: boolean;
  readonly bookmarks: boolean;
  /** Seconds after which the watch ends, at once when they are negative; undefined when the client does not care. */
  readonly timeoutSeconds: number | undefined;
}

const NO_CONTINUE = 'resourceVersionMatch is forbidden when continue is provided';

/** Reads and checks the parameters of a watch; throws the 422 of ListOptions. */
export function watchOptions(parameters: Parameters): WatchOptions {
  const selectors = readListParameters(parameters);
  const { resourceVersion = '' } = parameters;
  let { resourceVersionMatch: match = '' } = parameters;
  let sendInitialEvents = booleanParameter(parameters, 'sendInitialEvents');
  if (
    sendInitialEvents === undefined &&
    match === '' &&
    (resourceVersion === '' || resourceVersion === '0')
  ) {
    // A watch of the old way that begins with the present state is one of the new way, as upstream's defaults have it.
    sendInitialEvents = true;
    match = 'NotOlderThan';
  }
  const errors: FieldError[] = [];
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    errors.push(
      forbidden(
        'resourceVersionMatch',
        'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
      ),
    );
  }
  if (match !== '') {
    if (sendInitialEvents === undefined) {
      errors.push(
        forbidden(
          'resourceVersionMatch',
          'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
        ),
      );
    }
    if (match !== 'NotOlderThan') {
      errors.push(notSupported('resourceVersionMatch', match, ['NotOlderThan']));
    }
    if (parameters['continue']) {
      errors.push(forbidden('resourceVersionMatch', NO_CONTINUE));
    }
  }
  const legacy = sendInitialEvents === undefined && match === '' && /^0?$/.test(resourceVersion);
  if (legacy && parameters['continue']) errors.push(forbidden('resourceVersionMatch', NO_CONTINUE));
  if (errors.length > 0) throw newInvalid('meta.k8s.io', 'ListOptions', '', errors);
  const timeoutSeconds = integerParameter(parameters, 'timeoutSeconds');
  const after = parseResourceVersion(resourceVersion);
  const bookmarks = booleanParameter(parameters, 'allowWatchBookmarks') ?? false;
  return {
    after,
    selectors,
    initialEvents: sendInitialEvents ?? false,
    markInitialEvents: sendInitialEvents === true && bookmarks,
    bookmarks,
    timeoutSeconds: timeoutSeconds === 0 ? undefined : timeoutSeconds,
  };
}
