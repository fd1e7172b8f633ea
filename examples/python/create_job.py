"""Creates a Job from my-image and waits for its end. Needs the package `kubernetes` and a kubeconfig."""
import time

from kubernetes import client, config

config.load_kube_config()
api = client.BatchV1Api()
job = client.V1Job(metadata=client.V1ObjectMeta(name="my-job", namespace="default"))
template = client.V1PodTemplateSpec(
    metadata=client.V1ObjectMeta(labels={"app": "my-job"}),
    spec=client.V1PodSpec(
        restart_policy="Never",
        containers=[client.V1Container(name="my-container", image="my-image:latest")],
    ),
)
job.spec = client.V1JobSpec(template=template, backoff_limit=0, ttl_seconds_after_finished=600)
api.create_namespaced_job(namespace="default", body=job)

while True:
    status = api.read_namespaced_job(name="my-job", namespace="default").status
    if status.succeeded or status.failed:
        break
    time.sleep(0.2)
print(f"succeeded: {status.succeeded or 0}, failed: {status.failed or 0}")
