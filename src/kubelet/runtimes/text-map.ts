/** Text by name: labels, annotations. */
export type TextMap = Readonly<Record<string, string>>;
