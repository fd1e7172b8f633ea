"""watch.Watch: events in order, from a revision on, with a time limit, to an end, and of a log."""
import threading
import unittest

from kubernetes import client, watch

from cluster import fresh, job, until

core = client.CoreV1Api()
batch = client.BatchV1Api()


class Watches(unittest.TestCase):
    def test_every_change_after_a_list_comes_once_and_in_order(self):
        label = fresh("watched")
        selector = "watched=" + label
        make = lambda name: core.create_namespaced_config_map(
            "default", {"metadata": {"name": name, "labels": {"watched": label}}, "data": {"a": "1"}}
        )
        make(label + "-a")
        version = core.list_namespaced_config_map("default", label_selector=selector).metadata.resource_version
        make(label + "-b")
        core.patch_namespaced_config_map(label + "-b", "default", {"data": {"a": "2"}})
        core.delete_collection_namespaced_config_map("default", label_selector=selector)
        events = [
            (event["type"], event["object"].metadata.name[-1])
            for event in watch.Watch().stream(
                core.list_namespaced_config_map,
                "default",
                label_selector=selector,
                resource_version=version,
                timeout_seconds=1,
            )
        ]
        self.assertEqual(events[:2], [("ADDED", "b"), ("MODIFIED", "b")])
        self.assertEqual(sorted(events[2:]), [("DELETED", "a"), ("DELETED", "b")])

    def test_a_job_is_followed_to_its_end(self):
        name = fresh("job")
        follower = watch.Watch()
        maker = threading.Thread(target=batch.create_namespaced_job, args=("default", job(name)))
        maker.start()
        seen = []
        for event in follower.stream(
            batch.list_namespaced_job, "default", field_selector="metadata.name=" + name, timeout_seconds=60
        ):
            seen.append(event["type"])
            if event["object"].status.succeeded == 1:
                follower.stop()
        maker.join()
        self.assertEqual(seen[0], "ADDED")
        self.assertEqual(batch.read_namespaced_job(name, "default").status.succeeded, 1)

    def test_a_log_is_streamed_line_by_line(self):
        name = fresh("job")
        batch.create_namespaced_job("default", job(name, "for n in 1 2 3; do echo line $n; done"))
        until(lambda: batch.read_namespaced_job(name, "default").status.succeeded == 1)
        pod = core.list_namespaced_pod("default", label_selector="job-name=" + name).items[0]
        lines = watch.Watch().stream(core.read_namespaced_pod_log, pod.metadata.name, "default")
        self.assertEqual(list(lines), ["line 1", "line 2", "line 3"])
