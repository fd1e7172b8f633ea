"""The client's leader election, on its own lock in a ConfigMap and on a Lease."""
import datetime
import threading
import unittest

from kubernetes import client
from kubernetes.client.rest import ApiException
from kubernetes.leaderelection import electionconfig, leaderelection
from kubernetes.leaderelection.leaderelectionrecord import LeaderElectionRecord
from kubernetes.leaderelection.resourcelock.configmaplock import ConfigMapLock

from cluster import fresh


class LeaseLock:
    """A lock of the client's election in a Lease; the release under test ships only one in a ConfigMap."""

    def __init__(self, name, namespace, identity):
        self.api = client.CoordinationV1Api()
        self.name, self.namespace, self.identity = name, namespace, identity
        self.lease = None

    def get(self, name, namespace):
        try:
            self.lease = self.api.read_namespaced_lease(name, namespace)
        except ApiException as error:
            return False, error
        spec = self.lease.spec
        return True, LeaderElectionRecord(
            spec.holder_identity, str(spec.lease_duration_seconds), str(spec.acquire_time), str(spec.renew_time)
        )

    def create(self, name, namespace, election_record):
        body = client.V1Lease(metadata=client.V1ObjectMeta(name=name), spec=self.spec(election_record))
        return self.written(lambda: self.api.create_namespaced_lease(namespace, body))

    def update(self, name, namespace, updated_record):
        self.lease.spec = self.spec(updated_record)
        return self.written(lambda: self.api.replace_namespaced_lease(name, namespace, self.lease))

    def spec(self, record):
        now = datetime.datetime.now(datetime.timezone.utc)
        return client.V1LeaseSpec(
            holder_identity=record.holder_identity,
            lease_duration_seconds=int(record.lease_duration),
            acquire_time=now,
            renew_time=now,
        )

    def written(self, write):
        try:
            write()
            return True
        except ApiException:
            return False


class Candidate:
    """One that stands for election in a thread of its own, and can be cut off from the lock."""

    def __init__(self, lock):
        self.leading, self.stopped, self.cut = threading.Event(), threading.Event(), threading.Event()
        update = lock.update
        lock.update = lambda *args: False if self.cut.is_set() else update(*args)
        config = electionconfig.Config(
            lock,
            lease_duration=3,
            renew_deadline=2,
            retry_period=1,
            onstarted_leading=self.leading.set,
            onstopped_leading=self.stopped.set,
        )
        self.thread = threading.Thread(target=leaderelection.LeaderElection(config).run, daemon=True)
        self.thread.start()


class Elections(unittest.TestCase):
    def change_of_leader(self, lock_class):
        name = fresh("election")
        first = Candidate(lock_class(name, "default", "first"))
        self.assertTrue(first.leading.wait(30))
        second = Candidate(lock_class(name, "default", "second"))
        self.assertFalse(second.leading.wait(1.5), "there were two leaders")
        first.cut.set()
        self.assertTrue(first.stopped.wait(30))
        self.assertTrue(second.leading.wait(30))
        return name

    def test_a_lease_passes_to_the_next_when_its_holder_cannot_renew_it(self):
        name = self.change_of_leader(LeaseLock)
        lease = client.CoordinationV1Api().read_namespaced_lease(name, "default")
        self.assertEqual(lease.spec.holder_identity, "second")

    def test_so_does_the_lock_in_a_config_map(self):
        name = self.change_of_leader(ConfigMapLock)
        lock = client.CoreV1Api().read_namespaced_config_map(name, "default")
        self.assertIn('"second"', lock.metadata.annotations["control-plane.alpha.kubernetes.io/leader"])
