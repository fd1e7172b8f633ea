/**
 * Empties namespaces that are being deleted, and lets them go. Upstream: pkg/controller/namespace.
 *
 * What it guarantees: a namespace goes only when nothing is left in it; pods go before everything else (KEP-5080), so that
 * no pod outlives what guards it; while content is left, the namespace's conditions say what, and which finalizers hold it.
 *
 * What it does not do: it removes nobody's finalizers but its own (`kubernetes` in the namespace's spec), and waits for
 * pods to end in their time.
 */
export { newNamespaceController } from './namespace-controller.ts';
