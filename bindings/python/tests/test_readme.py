"""Every piece of Python in the README is run, one behind the other, as one program."""

import pathlib
import re
import subprocess
import sys

README = pathlib.Path(__file__).parent.parent / "README.md"


def test_the_code_of_the_readme_runs(tmp_path):
    pieces = re.findall(r"^```python\n(.*?)^```", README.read_text(), re.M | re.S)
    assert len(pieces) >= 5
    program = "\n".join(pieces)
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{program}\n{done.stdout}{done.stderr}"
    promised = re.findall(r"print\(.*?\) +# (.*)$", program, re.M)
    assert promised and set(promised) <= set(done.stdout.splitlines()), done.stdout
