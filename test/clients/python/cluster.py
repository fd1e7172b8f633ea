"""What the tests of this folder share: a client for the server of KUBECONFIG, and waiting for a condition."""
import time
import uuid

from kubernetes import client, config

config.load_kube_config()


def fresh(name):
    """A name that no other test has."""
    return "%s-%s" % (name, uuid.uuid4().hex[:8])


def until(what, seconds=60):
    """Asks again and again until the answer is true, and gives it back."""
    end = time.monotonic() + seconds
    while True:
        answer = what()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError("the condition did not come true within %d s" % seconds)
        time.sleep(0.05)


def job(name, script="true", **spec):
    """A Job of one shell script."""
    container = client.V1Container(name="main", image="busybox", command=["sh", "-c", script])
    template = client.V1PodTemplateSpec(
        metadata=client.V1ObjectMeta(labels={"run": name}),
        spec=client.V1PodSpec(
            restart_policy="Never", termination_grace_period_seconds=1, containers=[container]
        ),
    )
    return client.V1Job(
        metadata=client.V1ObjectMeta(name=name),
        spec=client.V1JobSpec(template=template, backoff_limit=0, **spec),
    )
