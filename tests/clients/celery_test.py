"""A Celery worker does real jobs; the server is killed between two of them, and no job and no result is lost."""

import os
import subprocess

import driver

server_path, work = driver.arguments()
python = driver.python_with(work, "redis==5.0.8", "celery==5.4.0", "kombu==5.4.2", "packaging==24.1")
with driver.Server(server_path, "--appendfsync", "everysec") as server:
    environment = {**os.environ, "PYTHONPATH": str(driver.HERE), "CELERY_STORE": f"redis://127.0.0.1:{server.port}"}

    def ask(*words):
        return driver.run(python, str(driver.HERE / "celery_jobs.py"), *words, env=environment, timeout=200)

    def start_worker():
        return subprocess.Popen(
            [python, "-m", "celery", "-A", "celery_jobs", "worker", "--pool", "solo", "--loglevel", "warning",
             "--without-gossip", "--without-mingle"],
            env=environment, cwd=server.directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )

    worker = start_worker()
    try:
        ask("do", "0", "20")
        # Those that wait in the queue when the power goes are done afterwards; results of before are there.
        worker.terminate()
        worker.wait(driver.PATIENCE_S)
        ask("queue", "20", "40")
        server.kill()
        server.start()
        ask("read", "0", "20")
        worker = start_worker()
        ask("read", "20", "40")
        # And under the worker's feet: it connects again.
        server.kill()
        server.start()
        ask("do", "40", "50")
        ask("read", "0", "50")
    finally:
        worker.kill()
        worker.wait()
