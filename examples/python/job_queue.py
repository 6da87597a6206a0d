#!/usr/bin/env python3
"""A queue whose jobs survive kill -9: a job that was accepted is done, though its worker dies over it.

Usage: job_queue.py add DIRECTORY JOB...     prints each job when it is on the device
       job_queue.py work DIRECTORY           does what there is and prints each job when it is done
       job_queue.py list DIRECTORY

A worker moves a job to the list of what is being done, in one step, and takes it off there when it is done, in one
step with the result. What a dead worker had begun is put back by the next one: a job is done at least once, and its
result is kept once.
"""

import sys

from redislite import RedisLite


class Queue:
    def __init__(self, store):
        self.store = store

    def add(self, job):
        self.store.lpush("waiting", job)

    def recover(self):
        """Puts back what a worker that died had begun; call it when no other worker runs."""
        while self.store.lmove("begun", "waiting", "LEFT", "RIGHT") is not None:
            pass

    def take(self):
        return self.store.lmove("waiting", "begun", "RIGHT", "LEFT")

    def finish(self, job, result):
        with self.store.batch() as batch:
            batch.hset("done", job, result)
            batch.lrem("begun", 1, job)


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in ("add", "work", "list"):
        sys.exit(__doc__)
    what, path, jobs = sys.argv[1], sys.argv[2], sys.argv[3:]
    with RedisLite(path, decode_responses=True) as store:
        queue = Queue(store)
        if what == "add":
            for job in jobs:
                queue.add(job)
                print("added", job, flush=True)
        elif what == "work":
            queue.recover()
            while (job := queue.take()) is not None:
                queue.finish(job, job.upper())
                print("done", job, flush=True)
        else:
            print("waiting", *reversed(store.lrange("waiting", 0, -1)))
            print("begun", *store.lrange("begun", 0, -1))
            print("done", *sorted(store.hkeys("done")))


if __name__ == "__main__":
    main()
