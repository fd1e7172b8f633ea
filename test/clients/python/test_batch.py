"""Jobs and CronJobs through BatchV1Api."""
import unittest

from kubernetes import client
from kubernetes.client.rest import ApiException

from cluster import fresh, job, until

batch = client.BatchV1Api()
core = client.CoreV1Api()


class Jobs(unittest.TestCase):
    def test_a_job_is_created_read_and_deleted_with_its_pods(self):
        name = fresh("job")
        made = batch.create_namespaced_job("default", job(name, "sleep 300"))
        self.assertEqual(made.metadata.name, name)
        read = batch.read_namespaced_job(name, "default")
        container = read.spec.template.spec.containers[0]
        self.assertEqual((container.image, container.command), ("busybox", ["sh", "-c", "sleep 300"]))
        self.assertEqual((read.spec.parallelism, read.spec.completion_mode), (1, "NonIndexed"))
        gone = batch.delete_namespaced_job(name, "default", body={"propagationPolicy": "Background"})
        self.assertEqual(gone.status, "Success")
        with self.assertRaises(ApiException) as refused:
            batch.read_namespaced_job(name, "default")
        self.assertEqual(refused.exception.status, 404)
        until(lambda: not core.list_namespaced_pod("default", label_selector="run=" + name).items)

    def test_a_job_runs_to_its_end_and_its_log_is_read(self):
        name = fresh("job")
        batch.create_namespaced_job("default", job(name, "echo done"))
        until(lambda: batch.read_namespaced_job(name, "default").status.succeeded == 1)
        status = batch.read_namespaced_job_status(name, "default").status
        self.assertIn("Complete", [each.type for each in status.conditions if each.status == "True"])
        pod = core.list_namespaced_pod("default", label_selector="job-name=" + name).items[0]
        self.assertEqual(pod.status.phase, "Succeeded")
        self.assertEqual(core.read_namespaced_pod_log(pod.metadata.name, "default"), "done\n")
        lines = core.read_namespaced_pod_log(
            pod.metadata.name, "default", follow=True, _preload_content=False
        )
        self.assertEqual(b"".join(lines.stream()), b"done\n")

    def test_a_failed_job_says_why(self):
        name = fresh("job")
        batch.create_namespaced_job("default", job(name, "exit 3"))
        until(lambda: batch.read_namespaced_job(name, "default").status.failed == 1)
        conditions = until(lambda: batch.read_namespaced_job(name, "default").status.conditions)
        until(lambda: "BackoffLimitExceeded" in [
            each.reason for each in batch.read_namespaced_job(name, "default").status.conditions
        ])
        self.assertTrue(conditions)

    def test_a_job_is_patched_suspended_and_replaced(self):
        name = fresh("job")
        batch.create_namespaced_job("default", job(name, suspend=True))
        patched = batch.patch_namespaced_job(name, "default", {"spec": {"parallelism": 3}})
        self.assertEqual(patched.spec.parallelism, 3)
        patched.metadata.labels["team"] = "night"
        replaced = batch.replace_namespaced_job(name, "default", patched)
        self.assertEqual(replaced.metadata.labels["team"], "night")
        with self.assertRaises(ApiException) as refused:
            batch.replace_namespaced_job(name, "default", patched)
        self.assertEqual(refused.exception.status, 409)
        with self.assertRaises(ApiException) as refused:
            batch.patch_namespaced_job(name, "default", {"spec": {"completions": 5}})
        self.assertEqual(refused.exception.status, 422)

    def test_a_cron_job_is_created_listed_patched_and_deleted(self):
        name = fresh("cron")
        spec = client.V1CronJobSpec(
            schedule="0 3 * * *",
            suspend=True,
            job_template=client.V1JobTemplateSpec(spec=job(name).spec),
        )
        body = client.V1CronJob(metadata=client.V1ObjectMeta(name=name), spec=spec)
        made = batch.create_namespaced_cron_job("default", body)
        self.assertEqual(made.spec.concurrency_policy, "Allow")
        names = [each.metadata.name for each in batch.list_cron_job_for_all_namespaces().items]
        self.assertIn(name, names)
        batch.patch_namespaced_cron_job(name, "default", {"spec": {"schedule": "@weekly"}})
        self.assertEqual(batch.read_namespaced_cron_job(name, "default").spec.schedule, "@weekly")
        batch.delete_namespaced_cron_job(name, "default")

    def test_a_collection_is_deleted_by_label(self):
        for _ in range(3):
            body = job(fresh("job"), suspend=True)
            body.metadata.labels = {"batch": "collection"}
            batch.create_namespaced_job("default", body)
        batch.delete_collection_namespaced_job(
            "default", label_selector="batch=collection", propagation_policy="Background"
        )
        left = batch.list_namespaced_job("default", label_selector="batch=collection")
        self.assertEqual(left.items, [])
