"""utils.create_from_yaml: single objects, several documents, lists, a directory, conflicts, other namespaces."""
import os
import tempfile
import unittest

from kubernetes import client, utils
from kubernetes.utils import FailToCreateError

from cluster import fresh

api = client.ApiClient()
core = client.CoreV1Api()
batch = client.BatchV1Api()

CONFIG_MAP = """
apiVersion: v1
kind: ConfigMap
metadata:
  name: %s
data:
  a: "1"
"""

JOB = """
apiVersion: batch/v1
kind: Job
metadata:
  name: %s
spec:
  suspend: true
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: main
          image: busybox
"""

ROLE = """
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: %s
rules:
  - apiGroups: [batch]
    resources: [jobs]
    verbs: [get, list]
"""

LIST = """
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Service, metadata: {name: %s}, spec: {ports: [{port: 80}]}}
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: %s}}
"""


class Yaml(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, name, text):
        path = os.path.join(self.folder.name, name)
        with open(path, "w") as out:
            out.write(text)
        return path

    def test_one_object_of_each_group(self):
        name = fresh("yaml")
        for text in (CONFIG_MAP, JOB, ROLE):
            utils.create_from_yaml(api, self.file("one.yaml", text % name))
        self.assertEqual(core.read_namespaced_config_map(name, "default").data, {"a": "1"})
        self.assertTrue(batch.read_namespaced_job(name, "default").spec.suspend)
        role = client.RbacAuthorizationV1Api().read_namespaced_role(name, "default")
        self.assertEqual(role.rules[0].verbs, ["get", "list"])

    def test_several_documents_in_one_file_and_objects_from_memory(self):
        name = fresh("several")
        text = "---".join(CONFIG_MAP % each for each in (name + "-a", name + "-b"))
        utils.create_from_yaml(api, self.file("several.yaml", text))
        utils.create_from_dict(
            api, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name + "-c"}}
        )
        for each in ("a", "b", "c"):
            core.read_namespaced_config_map("%s-%s" % (name, each), "default")

    def test_a_list_makes_its_items_and_a_directory_its_files(self):
        name = fresh("listed")
        self.file("list.yaml", LIST % (name, name))
        self.file("job.yaml", JOB % name)
        utils.create_from_directory(api, self.folder.name)
        self.assertEqual(core.read_namespaced_service(name, "default").spec.ports[0].port, 80)
        core.read_namespaced_config_map(name, "default")
        batch.read_namespaced_job(name, "default")

    def test_another_namespace_and_a_namespace_of_its_own(self):
        name = fresh("space")
        text = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: %s\n" % name
        utils.create_from_yaml(api, self.file("namespace.yaml", text))
        utils.create_from_yaml(api, self.file("job.yaml", JOB % name), namespace=name)
        self.assertEqual(batch.read_namespaced_job(name, name).metadata.namespace, name)

    def test_conflicts_are_told_of_and_the_rest_is_made(self):
        name = fresh("conflict")
        path = self.file("one.yaml", CONFIG_MAP % name)
        utils.create_from_yaml(api, path)
        both = self.file("both.yaml", (CONFIG_MAP % name) + "---" + (JOB % name))
        with self.assertRaises(FailToCreateError) as refused:
            utils.create_from_yaml(api, both)
        self.assertEqual([each.status for each in refused.exception.api_exceptions], [409])
        self.assertIn('configmaps \\"%s\\" already exists' % name, str(refused.exception))
        batch.read_namespaced_job(name, "default")
