"""Pods, ConfigMaps, services, nodes and namespaces through CoreV1Api; patches, pages, errors."""
import json
import unittest

from kubernetes import client
from kubernetes.client.rest import ApiException

from cluster import fresh, until

core = client.CoreV1Api()


def config_map(name, data=None, labels=None):
    return {"metadata": {"name": name, "labels": labels or {}}, "data": data or {}}


class Core(unittest.TestCase):
    def test_a_pod_runs_and_is_deleted(self):
        until(lambda: core.list_namespaced_service_account("default").items)
        name = fresh("pod")
        container = {"name": "main", "image": "busybox", "command": ["sh", "-c", "sleep 300"]}
        spec = {"containers": [container], "terminationGracePeriodSeconds": 1}
        made = core.create_namespaced_pod(
            "default", {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}
        )
        self.assertEqual((made.metadata.name, made.status.phase), (name, "Pending"))
        until(lambda: core.read_namespaced_pod(name, "default").status.phase == "Running")
        self.assertIn(name, [pod.metadata.name for pod in core.list_pod_for_all_namespaces().items])
        on_node = core.list_pod_for_all_namespaces(field_selector="status.phase=Running").items
        self.assertIn(name, [pod.metadata.name for pod in on_node])
        core.delete_namespaced_pod(name, "default", body={})
        until(lambda: name not in [pod.metadata.name for pod in core.list_namespaced_pod("default").items])

    def test_a_scheduler_in_python_gives_a_pod_to_a_node(self):
        name = fresh("mine")
        container = {"name": "main", "image": "busybox", "command": ["true"]}
        spec = {"schedulerName": "python", "restartPolicy": "Never", "containers": [container]}
        core.create_namespaced_pod("default", {"metadata": {"name": name}, "spec": spec})
        node = core.list_node().items[0].metadata.name
        target = client.V1ObjectReference(api_version="v1", kind="Node", name=node)
        body = client.V1Binding(metadata=client.V1ObjectMeta(name=name), target=target)
        bound = client.CoreV1Api().create_namespaced_binding("default", body, _preload_content=False)
        self.assertEqual((bound.status, json.loads(bound.data)["status"]), (201, "Success"))
        until(lambda: core.read_namespaced_pod(name, "default").status.phase == "Succeeded")
        self.assertEqual(core.read_namespaced_pod(name, "default").spec.node_name, node)
        with self.assertRaises(ApiException) as refused:
            core.create_namespaced_binding("default", body, _preload_content=False)
        self.assertEqual(refused.exception.status, 409)

    def test_a_service_keeps_the_ports_that_a_patch_does_not_name(self):
        name = fresh("service")
        port = {"name": "first", "port": 80, "protocol": "TCP", "targetPort": 80}
        body = {"metadata": {"name": name}, "spec": {"ports": [port], "selector": {"name": name}}}
        made = core.create_namespaced_service("default", body)
        self.assertTrue(made.status)
        self.assertTrue(made.spec.cluster_ip)
        second = {"name": "second", "port": 8080, "protocol": "TCP", "targetPort": 8080}
        patched = core.patch_namespaced_service(name, "default", {"spec": {"ports": [second]}})
        self.assertEqual(sorted(each.name for each in patched.spec.ports), ["first", "second"])
        core.delete_namespaced_service(name, "default")

    def test_a_config_map_is_patched_in_three_ways(self):
        name = fresh("settings")
        core.create_namespaced_config_map("default", config_map(name, {"a": "1", "b": "2"}))
        replaced = core.patch_namespaced_config_map(
            name, "default", [{"op": "replace", "path": "/data", "value": {"c": "3"}}]
        )
        self.assertEqual(replaced.data, {"c": "3"})
        merged = core.patch_namespaced_config_map(name, "default", {"data": {"c": None, "d": "4"}})
        self.assertEqual(merged.data, {"d": "4"})
        wanted = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"e": "5"}}
        applied = client.ApiClient().call_api(
            "/api/v1/namespaces/default/configmaps/" + name,
            "PATCH",
            query_params=[("fieldManager", "python"), ("force", "true")],
            header_params={"Content-Type": "application/apply-patch+yaml", "Accept": "application/json"},
            body=json.dumps(wanted),
            response_type="V1ConfigMap",
            auth_settings=["BearerToken"],
            _return_http_data_only=True,
        )
        self.assertEqual(applied.data, {"d": "4", "e": "5"})
        owners = [(each.manager, each.operation) for each in applied.metadata.managed_fields]
        self.assertIn(("python", "Apply"), owners)
        core.delete_namespaced_config_map(name, "default", body={})

    def test_a_list_comes_in_pages(self):
        label = fresh("page")
        for index in range(5):
            core.create_namespaced_config_map(
                "default", config_map("%s-%d" % (label, index), labels={"page": label})
            )
        seen, token, sizes = [], None, []
        while True:
            page = core.list_namespaced_config_map(
                "default", label_selector="page=" + label, limit=2, _continue=token
            )
            seen += [each.metadata.name for each in page.items]
            sizes.append(len(page.items))
            token = page.metadata._continue
            if not token:
                break
        self.assertEqual(sizes, [2, 2, 1])
        self.assertEqual(seen, ["%s-%d" % (label, index) for index in range(5)])
        with self.assertRaises(ApiException) as refused:
            core.list_namespaced_config_map("default", limit=2, _continue="nonsense")
        self.assertEqual(refused.exception.status, 400)

    def test_nodes_have_labels_and_namespaces_come_and_go(self):
        nodes = core.list_node().items
        self.assertTrue(nodes)
        for node in nodes:
            self.assertIn("kubernetes.io/hostname", core.read_node(node.metadata.name).metadata.labels)
        name = fresh("space")
        core.create_namespace({"metadata": {"name": name}})
        until(lambda: core.list_namespaced_service_account(name).items)
        core.delete_namespace(name)
        until(lambda: name not in [each.metadata.name for each in core.list_namespace().items])

    def test_an_error_is_a_status_with_its_causes(self):
        with self.assertRaises(ApiException) as refused:
            core.create_namespaced_config_map("default", config_map("Not_A_Name"))
        status = json.loads(refused.exception.body)
        self.assertEqual((status["kind"], status["reason"], status["code"]), ("Status", "Invalid", 422))
        self.assertEqual(status["details"]["causes"][0]["field"], "metadata.name")
