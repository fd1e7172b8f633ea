/**
 * Whether the pod has ended for good: no container of it runs again, and it takes no room any more. Upstream:
 * pkg/api/v1/pod, IsPodTerminal.
 */
export function isPodTerminal({
  status,
}: {
  readonly status?: { readonly phase?: string | undefined } | undefined;
}): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}
