/**
 * What node agents may do. Upstream: plugin/pkg/auth/authorizer/node, plugin/pkg/admission/noderestriction.
 *
 * It guarantees that the agent of one node reads only what that node's own pods refer to, and writes only its own Node and
 * lease and the status of its own pods, whatever roles say of nodes in general. Which pods refer to what is followed only
 * from the first time that a node agent asks: a server without other machines pays nothing.
 */
export { NodeAuthorizer } from './node-authorizer.ts';
export { nodeRestriction } from './node-restriction.ts';
