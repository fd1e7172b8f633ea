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
            lease_duration=6,
            renew_deadline=3,
            retry_period=1,
            onstarted_leading=self.leading.set,
            onstopped_leading=self.stopped.set,
        )
        self.thread = threading.Thread(target=leaderelection.LeaderElection(config).run, daemon=True)
        self.thread.start()


class Elections(unittest.TestCase):
    def test_a_lock_passes_to_the_next_when_its_holder_cannot_renew_it(self):
        name = fresh("election")
        locks = (LeaseLock, ConfigMapLock)
        firsts = [Candidate(lock(name, "default", "first")) for lock in locks]
        for first in firsts:
            self.assertTrue(first.leading.wait(60))
        seconds = [Candidate(lock(name, "default", "second")) for lock in locks]
        for second in seconds:
            self.assertFalse(second.leading.wait(0.5), "there were two leaders")
        for first in firsts:
            first.cut.set()
        for candidate in firsts:
            self.assertTrue(candidate.stopped.wait(60))
        for candidate in seconds:
            self.assertTrue(candidate.leading.wait(60))
        lease = client.CoordinationV1Api().read_namespaced_lease(name, "default")
        self.assertEqual(lease.spec.holder_identity, "second")
        record = client.CoreV1Api().read_namespaced_config_map(name, "default").metadata.annotations
        self.assertIn('"second"', record["control-plane.alpha.kubernetes.io/leader"])
