/** W3C Trace Context: https://www.w3.org/TR/trace-context/ */

/** Version, trace, span, flags; what a later version adds follows after a dash. Nothing but zeros is no name. */
const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-((?!0{32})[0-9a-f]{32})-((?!0{16})[0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/**
 * The value of a `traceparent` header as it is handed on: in the form of version 00, which is what a later one begins with.
 * Undefined for one that is none, which is to be treated as if it were not there.
 */
export function readTraceparent(value: string | undefined): string | undefined {
  const [, version, trace, span, flags, rest] = TRACEPARENT.exec(value ?? '') ?? [];
  if (version === undefined || (version === '00' && rest !== undefined)) return undefined;
  return `00-${trace}-${span}-${flags}`;
}

/** The trace's own id within what {@link readTraceparent} answered. */
export function traceIdOf(traceparent: string): string {
  return traceparent.split('-')[1] ?? '';
}
