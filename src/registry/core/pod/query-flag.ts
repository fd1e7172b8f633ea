/** Whether a query parameter says yes, as apimachinery reads a bool: anything but `0` and `false` does, even nothing. */
export function flagIn(parameters: Readonly<Record<string, string>>, name: string): boolean {
  const text = parameters[name];
  return text !== undefined && text !== '0' && text.toLowerCase() !== 'false';
}
