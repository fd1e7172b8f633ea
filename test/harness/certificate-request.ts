/** Makes certificate requests as a client's tools would. */
import { makeRequest } from '../../src/kubelet/certificates/request.ts';

/** The base64 of a PEM, as `spec.request` wants it. */
export async function certificateRequest(
  commonName: string,
  organizations: readonly string[],
  names: readonly string[] = [],
): Promise<string> {
  const { request } = await makeRequest(commonName, organizations, names);
  return Buffer.from(request).toString('base64');
}
