/** When a certificate is renewed. Pure. */

/** By how much a signer sets a certificate's start back, upstream's and ours. */
const BACKDATE_MS = 5 * 60_000;
/** Parts of its life between which a certificate is renewed, drawn by lot so that not all nodes come at once. */
const RENEW_FROM = 0.7;
const RENEW_UNTIL = 0.9;

/**
 * The wall time in milliseconds from which on a certificate of those bounds is renewed, within them whatever the clock says:
 * a machine may not know the time yet when it gets one.
 *
 * @param lot a fraction of 1, the same for the whole life of a certificate.
 */
export function renewalDue(validFromMs: number, validToMs: number, nowMs: number, lot: number): number {
  // Signers set its start back for late clocks: what lasts an hour would look half spent.
  const from = Math.max(validFromMs, Math.min(nowMs, validFromMs + BACKDATE_MS));
  return from + (validToMs - from) * (RENEW_FROM + (RENEW_UNTIL - RENEW_FROM) * lot);
}
