/** The Python client, exactly as people write it, against the real server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unmet } from '../harness/requirement.ts';
import { execute, startServer } from '../harness/server.ts';

const SCRIPT = `
import time
from kubernetes import client, config
config.load_kube_config()
api = client.BatchV1Api()
job = client.V1Job(metadata=client.V1ObjectMeta(name="my-job", namespace="default"))
template = client.V1PodTemplateSpec(metadata=client.V1ObjectMeta(labels={"app": "my-job"}),
    spec=client.V1PodSpec(restart_policy="Never", containers=[client.V1Container(name="my-container", image="my-image:latest", command=["true"])]))
job.spec = client.V1JobSpec(template=template, backoff_limit=0, ttl_seconds_after_finished=600)
api.create_namespaced_job(namespace="default", body=job)
end = time.time() + 20
while api.read_namespaced_job(name="my-job", namespace="default").status.succeeded != 1 and time.time() < end:
    time.sleep(0.1)
print("succeeded", api.read_namespaced_job(name="my-job", namespace="default").status.succeeded)
print("pods", len(client.CoreV1Api().list_namespaced_pod("default", label_selector="app=my-job").items))
api.delete_namespaced_job(name="my-job", namespace="default", propagation_policy="Background")
try:
    api.read_namespaced_job(name="my-job", namespace="default")
except client.exceptions.ApiException as error:
    print("then", error.status, error.reason)
`;

test('BatchV1Api creates, reads and deletes a Job', async (t) => {
  const python = process.env['LONGSHORE_TEST_PYTHON'] ?? '/usr/bin/python3';
  const probe = await execute(python, ['-c', 'import kubernetes']).catch(() => undefined);
  if (
    probe?.code !== 0 &&
    !unmet(t, "Python's kubernetes client is not installed: apt-get install python3-kubernetes")
  )
    return;
  await using server = await startServer(['--runtime', 'process']);
  const env = { ...process.env, KUBECONFIG: server.kubeconfig };
  const { code, stdout, stderr } = await execute(python, ['-c', SCRIPT], { env });
  assert.equal(code, 0, stderr);
  assert.equal(stdout, 'succeeded 1\npods 1\nthen 404 Not Found\n');
});
