/**
 * How many times longer than on an ordinary machine everything may take here: `LONGSHORE_TEST_PATIENCE` (default 1), which
 * test/vm/run.sh sets for its emulated machine. Only how long a test waits for what is to come is multiplied by it, never what is
 * measured.
 */
export const PATIENCE = Number(process.env['LONGSHORE_TEST_PATIENCE'] ?? 1);

/** Arguments of kubectl with its own limits (`--timeout=30s`, `--pod-running-timeout=1m`) that many times longer. */
export function patiently(args: readonly string[]): string[] {
  if (PATIENCE === 1) return [...args];
  return args.map((arg) =>
    arg.replace(
      /^(--(?:\w+-)*timeout=)(\d+)([smh])$/,
      (_, option: string, amount: string, unit: string) =>
        `${option}${Math.ceil(Number(amount) * PATIENCE)}${unit}`,
    ),
  );
}
