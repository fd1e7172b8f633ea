"""The dynamic client: discovery, plain objects, watches, other representations, server-side apply."""
import unittest

from kubernetes import client
from kubernetes.dynamic import DynamicClient
from kubernetes.dynamic.exceptions import NotFoundError, ResourceNotFoundError

from cluster import fresh

dynamic = DynamicClient(client.ApiClient())


class Dynamic(unittest.TestCase):
    def test_discovery_finds_the_kinds_that_are_served_and_no_others(self):
        jobs = dynamic.resources.get(api_version="batch/v1", kind="Job")
        self.assertEqual((jobs.name, jobs.namespaced, jobs.group), ("jobs", True, "batch"))
        self.assertIn("status", jobs.subresources)
        by_short_name = {each.kind for each in dynamic.resources.search(short_names=["cj"])}
        self.assertEqual(by_short_name, {"CronJob", "CronJobList"})
        with self.assertRaises(ResourceNotFoundError):
            dynamic.resources.get(api_version="apps/v1", kind="Deployment")

    def test_a_config_map_is_created_watched_patched_and_deleted(self):
        api = dynamic.resources.get(api_version="v1", kind="ConfigMap")
        name = fresh("dynamic")
        body = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": name}, "data": {"a": "1"}}
        self.assertEqual(api.create(body=body, namespace="default").metadata.name, name)
        self.assertEqual(api.get(name=name, namespace="default").data.a, "1")
        events = [
            event["object"].metadata.name
            for event in dynamic.watch(
                api, namespace="default", field_selector="metadata.name=" + name, timeout=1
            )
        ]
        self.assertEqual(events, [name])
        patched = api.patch(
            name=name, namespace="default", body={"data": {"a": "2"}}, content_type="application/merge-patch+json"
        )
        self.assertEqual(patched.data.a, "2")
        api.delete(name=name, namespace="default", body={})
        with self.assertRaises(NotFoundError):
            api.get(name=name, namespace="default")

    def test_a_list_of_metadata_alone(self):
        api = dynamic.resources.get(api_version="v1", kind="Node")
        accept = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
        nodes = api.get(header_params={"Accept": accept})
        self.assertEqual((nodes.kind, nodes.apiVersion), ("PartialObjectMetadataList", "meta.k8s.io/v1"))
        self.assertFalse("spec" in nodes.to_dict()["items"][0])

    def test_a_status_is_patched_through_its_subresource(self):
        api = dynamic.resources.get(api_version="batch/v1", kind="CronJob")
        name = fresh("dynamic")
        template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "busybox"}]}}
        spec = {"schedule": "@yearly", "suspend": True, "jobTemplate": {"spec": {"template": template}}}
        body = {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": name}, "spec": spec}
        api.create(body=body, namespace="default")
        api.status.patch(
            name=name,
            namespace="default",
            body={"status": {"lastSuccessfulTime": "2026-01-02T03:04:05Z"}},
            content_type="application/merge-patch+json",
        )
        read = api.status.get(name=name, namespace="default")
        self.assertEqual(read.status.lastSuccessfulTime, "2026-01-02T03:04:05Z")
