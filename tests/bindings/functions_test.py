"""The list in bindings/README.md has every function of the public header, and says the truth of who uses it."""

import os
import pathlib
import re
import unittest

SOURCE = pathlib.Path(os.environ["REDISLITE_SOURCE_DIR"])
USERS = {
    "C++": [SOURCE / "include" / "redislite.hpp"],
    "Python": [
        *(SOURCE / "bindings" / "python" / "src").rglob("*.py"),
        *(SOURCE / "bindings" / "python" / name for name in ("glue.py", "direct.c")),
    ],
    "Go": [*(SOURCE / "bindings" / "go").glob("*.go"), SOURCE / "bindings" / "go" / "shim.c"],
    "Rust": [*(SOURCE / "bindings" / "rust" / "redislite" / "src").glob("*.rs")],
}
# The C++ header needs no function for what a macro says.
WITHOUT_CALL = {("C++", "rl_version")}


class Functions(unittest.TestCase):
    def setUp(self):
        header = (SOURCE / "include" / "redislite.h").read_text()
        self.declared = re.findall(r"^RL_API [^(]*[ *](rl_\w+)\(", header, re.M)
        page = (SOURCE / "bindings" / "README.md").read_text()
        self.rows = re.findall(r"^\| `(rl_\w+)` " + r"\| (.*?) " * len(USERS) + r"\|$", page, re.M)

    def test_each_function_is_listed_once_in_the_order_of_the_header(self):
        self.assertGreater(len(self.declared), 40)
        self.assertEqual([row[0] for row in self.rows], self.declared)

    def test_what_is_said_to_be_used_is_used(self):
        for column, (binding, paths) in enumerate(USERS.items(), 1):
            text = "\n".join(path.read_text() for path in paths)
            for row in self.rows:
                is_left_out = row[column].startswith(("-", "by ")) or (binding, row[0]) in WITHOUT_CALL
                uses = re.search(rf"\b{row[0]}\b", text) is not None
                through_command = row[column].startswith("as the command")
                with self.subTest(binding=binding, function=row[0]):
                    self.assertEqual(uses, not is_left_out and not through_command)


unittest.main()
