/**
 * Keeps the numbers in the status of resource quotas true. Upstream: pkg/controller/resourcequota.
 *
 * What it guarantees: `status.used` falls when objects go or pods end, and is what the objects of the namespace use; a quota
 * shows in `status.hard` what its spec asks for. Only kinds that some quota names are followed.
 *
 * What it does not do: it refuses nothing (the API server's admission charges each new object to the quotas).
 */
export { newResourceQuotaController } from './resource-quota-controller.ts';
