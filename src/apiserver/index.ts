/**
 * The generic API server: requests, authorization, admission, list, watch, patch, the way to the store and back. It knows
 * no kind; what it needs to know of one it is handed as a {@link ResourceDefinition}.
 *
 * It guarantees that every way in (in process, HTTPS) goes through one handler chain with the same answers and the same
 * errors, that an answered write is as durable as the store promises, and that a watch tells every change once, in order,
 * or ends with 410.
 *
 * It starts no control loop and decides nothing about what the objects mean.
 *
 * Where things lie, in the order in which a request meets them: `http/` reads it (`body/`) and writes the answer (`answer/`,
 * or `watch/`, which goes on), `auth/` says who asks and who may, `handler-chain.ts` finds the resource (`catalog.ts`),
 * `verbs/` do the work with what `options/` reads from the parameters and `writes/` settles in an object before it is
 * stored. `resource.ts` is the contract with the registry.
 */
export { ApiServer, type ApiServerOptions } from './api-server.ts';
export { AuditLog } from './audit/audit-log.ts';
export { ANONYMOUS, bearerToken, type TokenAuthenticator, type TokenVerdict } from './auth/authenticator.ts';
export type { Attributes, Authorizer, Decision } from './auth/authorizer.ts';
export {
  type CertificateStoreOptions,
  type Certificates,
  type KeyPair,
  openCertificates,
} from './certificates/index.ts';
export type { HealthCheck } from './http/health.ts';
export type { Listening, ListenOptions } from './http/listener.ts';
export { assertRoutable, type PathAnswer, type PathHandler, type PathRequest } from './http/path-handlers.ts';
export type * from './resource.ts';
export type { Log } from './workings.ts';
