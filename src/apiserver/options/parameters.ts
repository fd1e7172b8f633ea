import { newBadRequest, type StatusError } from '../../apimachinery/status-error.ts';

/** Query parameters by wire name. */
export type Parameters = Readonly<Record<string, string>>;

const NONE: Parameters = {};

/** The parameters of a request, empty when it has none. */
export function parametersOf(request: { readonly parameters?: Parameters }): Parameters {
  return request.parameters ?? NONE;
}

/** A parameter that is a whole number, undefined when absent; throws 400 as upstream's decoder words it. */
export function integerParameter(parameters: Parameters, name: string): number | undefined {
  const text = parameters[name];
  if (text === undefined) return undefined;
  const refused = (why: string): StatusError =>
    newBadRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${why}`);
  if (!/^[+-]?\d+$/.test(text)) throw refused('invalid syntax');
  const value = Number(text);
  if (value >= 2 ** 63 || value < -(2 ** 63)) throw refused('value out of range');
  return value;
}

/** A parameter that is a boolean, undefined when absent. As upstream, anything but `false` and `0` is true. */
export function booleanParameter(parameters: Parameters, name: string): boolean | undefined {
  const text = parameters[name];
  if (text === undefined) return undefined;
  const lower = text.toLowerCase();
  return !(lower === 'false' || lower === '0');
}
