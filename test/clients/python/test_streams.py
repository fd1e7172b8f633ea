"""Commands in containers, what containers say, and ports of pods, through kubernetes.stream."""
import socket
import threading
import unittest

from kubernetes import client
from kubernetes.client.rest import ApiException
from kubernetes.stream import portforward, stream

from cluster import fresh, until

core = client.CoreV1Api()


def run_pod(script="exec sleep 300", **more):
    until(lambda: core.list_namespaced_service_account("default").items)
    name = fresh("pod")
    container = {"name": "main", "image": "busybox", "command": ["sh", "-c", script], **more}
    spec = {"restartPolicy": "Never", "terminationGracePeriodSeconds": 1, "containers": [container]}
    core.create_namespaced_pod("default", {"metadata": {"name": name}, "spec": spec})
    until(lambda: core.read_namespaced_pod(name, "default").status.phase == "Running")
    return name


def run(pod, command, **more):
    wanted = {"stderr": True, "stdin": False, "stdout": True, "tty": False, **more}
    return stream(core.connect_get_namespaced_pod_exec, pod, "default", command=command, **wanted)


class Streams(unittest.TestCase):
    def test_exec_answers_what_a_command_says(self):
        self.assertEqual(run(run_pod(), ["sh", "-c", "echo one; echo two"]), "one\ntwo\n")

    def test_exec_tells_the_exit_code(self):
        pod = run_pod()
        for code in (0, 7):
            answer = run(pod, ["sh", "-c", "exit %d" % code], _preload_content=False)
            answer.run_forever(timeout=30)
            self.assertEqual(answer.returncode, code)

    def test_exec_types_into_a_shell(self):
        shell = run(run_pod(), ["/bin/sh"], stdin=True, _preload_content=False)
        shell.write_stdin("echo hello\n")
        self.assertEqual(shell.readline_stdout(timeout=30), "hello")
        shell.write_stdin("echo trouble >&2\n")
        self.assertEqual(shell.readline_stderr(timeout=30), "trouble")
        shell.write_stdin("exit 3\n")
        shell.update(timeout=30)
        shell.run_forever(timeout=30)
        self.assertEqual(shell.returncode, 3)

    def test_exec_gives_a_terminal(self):
        answer = run(run_pod(), ["sh", "-c", "test -t 1 && echo terminal"], tty=True, stdin=True)
        self.assertEqual(answer, "terminal\r\n")

    def test_exec_carries_more_than_one_message(self):
        answer = run(run_pod(), ["sh", "-c", "yes longshore | head -c 1000000"])
        self.assertEqual(len(answer), 1000000)

    def test_exec_into_what_is_not_there_is_refused(self):
        with self.assertRaises(ApiException) as caught:
            run("nobody", ["true"])
        self.assertIn("404", str(caught.exception))
        with self.assertRaises(ApiException) as caught:
            run(run_pod(), ["true"], container="other")
        self.assertIn("400", str(caught.exception))

    def test_attach_follows_a_container(self):
        pod = run_pod("while read line; do echo \"<$line>\"; done", stdin=True)
        wanted = {"stderr": True, "stdin": True, "stdout": True, "tty": False}
        attached = stream(
            core.connect_get_namespaced_pod_attach, pod, "default", _preload_content=False, **wanted
        )
        attached.write_stdin("word\n")
        self.assertEqual(attached.readline_stdout(timeout=30), "<word>")
        attached.close()

    def test_portforward_carries_connections(self):
        # A pod of plain processes has this machine's ports.
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]

        def answer():
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"heard " + connection.recv(100))

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        forward = portforward(
            core.connect_get_namespaced_pod_portforward, run_pod(), "default", ports=str(port)
        )
        connection = forward.socket(port)
        connection.setblocking(True)
        connection.sendall(b"words")
        heard = b""
        block = connection.recv(1024)
        while block:
            heard += block
            block = connection.recv(1024)
        connection.close()
        thread.join()
        listener.close()
        self.assertEqual(heard, b"heard words")
        self.assertIsNone(forward.error(port))
