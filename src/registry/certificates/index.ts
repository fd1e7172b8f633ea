/** certificates.k8s.io/v1 in the API server: who asks is written down by the server, and each part has its endpoint. */
export { signingRequests } from './signing-requests.ts';
