"""The jobs of celery_test.py, and who asks for them. Usage: celery_jobs.py do|queue|read FIRST END"""

import os
import sys

import celery
from celery.result import AsyncResult

STORE = os.environ["CELERY_STORE"]
app = celery.Celery("celery_jobs", broker=STORE + "/0", backend=STORE + "/1")
# Kombu's emulation of acknowledgements takes a lock by a script, and there are no scripts here (docs/DIFFERENCES.md).
app.conf.update(
    broker_connection_retry_on_startup=True, broker_connection_max_retries=None,
    result_expires=3600, broker_transport_options={"ack_emulation": False},
)


@app.task(name="square")
def square(number):
    return number * number


def main():
    what, first, end = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    numbers = range(first, end)
    if what in ("do", "queue"):
        for number in numbers:
            square.apply_async((number,), task_id=f"job-{number}")
    if what in ("do", "read"):
        for number in numbers:
            found = AsyncResult(f"job-{number}", app=app).get(timeout=120)
            assert found == number * number, (number, found)


if __name__ == "__main__":
    main()
