"""redislite-cli at a terminal: editing, completion, hints, history, Ctrl-C, the dot commands."""

import os
import signal

import harness
from harness import Terminal

PROMPT = b"store> "


class Prompt(harness.Case):
    def open(self, *arguments, **env):
        self.history = str(self.work / "history")
        terminal = Terminal(*arguments, "store", cwd=self.work, REDISLITE_HISTFILE=self.history, **env)
        self.addCleanup(self.close, terminal)
        terminal.wait_for_prompt(PROMPT)
        return terminal

    @staticmethod
    def close(terminal):
        try:
            os.kill(terminal.pid, signal.SIGKILL)
            os.waitpid(terminal.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass

    def enter(self, terminal, line, wanted, prompt=PROMPT):
        """Types the line at a prompt; the text must then stand under it, and a prompt under that."""
        terminal.forget()
        terminal.type(line + b"\r")
        terminal.wait_for(b"\n" + wanted)
        terminal.wait_for_prompt(prompt)

    def test_commands_are_answered_as_redis_cli_does(self):
        terminal = self.open()
        self.enter(terminal, b'SET k "two\\nlines"', b"OK\n")
        self.enter(terminal, b"GET k", b'"two\\nlines"\n')
        self.enter(terminal, b"INCR n", b"(integer) 1\n")
        self.enter(terminal, b"3 INCR n", b"(integer) 2\n(integer) 3\n(integer) 4\n")
        self.enter(terminal, b"GET none", b"(nil)\n")
        self.enter(terminal, b"INCR k", b"(error) ERR value is not an integer or out of range\n")
        self.enter(terminal, b'SET "k', b"(error) unbalanced double quote (column 5)\n")
        self.enter(terminal, "SET ä €".encode(), b"OK\n")
        self.enter(terminal, "GET ä".encode(), b'"\\xe2\\x82\\xac"\n')
        terminal.type(b"quit\r")
        self.assertEqual(terminal.end(), 0)
        self.assertEqual(self.ok(self.dir, "GET", "n"), b"4\n")

    def test_multi_is_seen_in_the_prompt(self):
        terminal = self.open()
        self.enter(terminal, b"MULTI", b"OK\n", b"store(TX)> ")
        self.enter(terminal, b"INCR n", b"QUEUED\n", b"store(TX)> ")
        self.enter(terminal, b".stats", b".stats is not possible inside MULTI\n", b"store(TX)> ")
        self.enter(terminal, b"EXEC", b"1) (integer) 1\n")

    def test_tab_completes_and_explains(self):
        terminal = self.open()
        terminal.forget()
        terminal.type(b"hgeta\t")
        terminal.wait_for(b"hgetall")
        self.enter(terminal, b"h", b"(empty array)\n")
        terminal.forget()
        terminal.type(b"EXPIR\t\t")
        terminal.wait_for(b"EXPIREAT")
        terminal.wait_for(b"EXPIRETIME")
        terminal.forget()
        terminal.type(b"\x15object e\t")
        terminal.wait_for(b"object encoding")
        terminal.forget()
        terminal.type(b"\x15SET \t")
        terminal.wait_for(b"SET key value")
        terminal.forget()
        terminal.type(b"\x15.ex\t")
        terminal.wait_for(b".export")
        (self.work / "some-file.jsonl").write_text("")
        terminal.forget()
        terminal.type(b"\x15.import some\t")
        terminal.wait_for(b".import some-file.jsonl")

    def test_what_is_still_to_be_typed_is_shown_behind_the_cursor_until_return(self):
        terminal = self.open()
        for typed, shown in (
            (b"getrange", b"getrange key start end"),
            (b" ", b"getrange key start end"),
            (b"k", b"getrange k start end"),
            (b" 0 1", b"getrange k 0 1"),
            (b"\x7f\x7f", b"getrange k 0 end"),
            (b" 1", b"getrange k 0 1"),
        ):
            terminal.type(typed)
            terminal.wait_until(lambda: terminal.screen.lines()[-1].rstrip() == PROMPT + shown, shown)
        self.enter(terminal, b"5", b'""\n')
        self.assertEqual(terminal.screen.lines()[0], PROMPT + b"getrange k 0 15")
        self.enter(terminal, b"getrange", b"(error) ERR wrong number of arguments for 'getrange' command\n")
        self.assertEqual(terminal.screen.lines()[0], PROMPT + b"getrange")

    def test_the_history_is_kept_for_the_next_time_and_for_its_owner(self):
        terminal = self.open()
        self.enter(terminal, b"SET k remembered", b"OK\n")
        terminal.type(b"\x04")
        self.assertEqual(terminal.end(), 0)
        self.assertEqual(os.stat(self.history).st_mode & 0o077, 0)
        terminal = self.open()
        terminal.forget()
        terminal.type(b"\x1b[A")
        terminal.wait_for(b"SET k remembered")
        self.enter(terminal, b"\x01\x0bGET k", b'"remembered"\n')

    def test_ctrl_c_clears_the_line_and_a_second_one_leaves(self):
        terminal = self.open()
        self.enter(terminal, b"SET k v", b"OK\n")
        terminal.forget()
        terminal.type(b"SET k wrong")
        terminal.wait_for(b"SET k wrong")
        terminal.type(b"\x03")
        terminal.wait_for(b"^C (again to leave)")
        self.enter(terminal, b"GET k", b'"v"\n')
        terminal.forget()
        terminal.type(b"\x03")
        terminal.wait_for(b"again to leave")
        terminal.wait_for_prompt(PROMPT)
        terminal.type(b"\x03")
        self.assertEqual(terminal.end(), 0)
        self.assertRegex(self.ok("--check", self.dir), rb"closed cleanly")

    def test_sigterm_and_a_vanished_terminal_close_the_store(self):
        for number in (signal.SIGTERM, signal.SIGHUP):
            terminal = self.open()
            self.enter(terminal, b"INCR n", b"(integer) ")
            os.kill(terminal.pid, number)
            self.assertEqual(terminal.end(), 128 + number)
            self.assertRegex(self.ok("--check", self.dir), rb"closed cleanly")

    def test_dot_commands(self):
        terminal = self.open()
        self.enter(terminal, b".help", b"  .help [command]")
        self.enter(terminal, b".help getrange", b"GETRANGE key start end\n")
        self.enter(terminal, b"help object encoding", b"OBJECT ENCODING key\n")
        self.enter(terminal, b".help nonsense", b"there is no command nonsense\n")
        self.enter(terminal, b".nonsense", b"there is no .nonsense; see .help\n")
        self.enter(terminal, b".export", b"usage: .export file\n")
        self.enter(terminal, b"SET k v", b"OK\n")
        self.enter(terminal, b".snapshot", b"OK\n")
        self.enter(terminal, b".stats recovery", b"# Recovery\nrecovery_created:1\n")
        self.enter(terminal, b".backup copy", b"OK\n")
        self.enter(terminal, b".backup copy", b"")
        self.enter(terminal, b".check", b"ok: ")
        self.enter(terminal, b"GET k", b'"v"\n')
        terminal.type(b".quit\r")
        self.assertEqual(terminal.end(), 0)
        self.assertEqual(self.ok(str(self.work / "copy"), "GET", "k"), b"v\n")

    def test_a_line_longer_than_the_terminal_is_edited_and_run(self):
        terminal = self.open()
        value = b"x" * 250
        self.enter(terminal, b"SET k " + value, b"OK\n")
        self.enter(terminal, b"STRLEN k", b"(integer) 250\n")

    def test_a_simple_terminal_works_too(self):
        terminal = self.open(TERM="dumb")
        self.enter(terminal, b"PING", b"PONG\n")
        terminal.type(b"\x04")
        self.assertEqual(terminal.end(), 0)


class Progress(harness.Case):
    def test_ctrl_c_cancels_an_import_and_what_was_imported_stays_whole(self):
        file = self.work / "keys.jsonl"
        with open(file, "w") as out:
            for i in range(400000):
                out.write('{"key":"key:%d","type":"hash","value":[["a","%d"],["b","%d"]]}\n' % (i, i, i))
        terminal = Terminal("store", cwd=self.work, REDISLITE_HISTFILE="")
        terminal.wait_for_prompt(PROMPT)
        terminal.forget()
        terminal.type(b".import keys.jsonl\r")
        terminal.wait_for(b"ETA")
        terminal.wait_for(b"import [")
        terminal.type(b"\x03")
        terminal.wait_for(b"cancelled (")
        terminal.wait_for_prompt(PROMPT)
        terminal.forget()
        terminal.type(b"DBSIZE\r")
        terminal.wait_for(b"(integer) ")
        terminal.wait_for_prompt(PROMPT)
        terminal.type(b"\x04")
        self.assertEqual(terminal.end(), 0)
        count = int(self.ok(self.dir, "DBSIZE"))
        self.assertLess(count, 400000)
        lengths = self.ok(self.dir, stdin=b"".join(b"HLEN key:%d\n" % i for i in range(count + 1))).split()
        self.assertEqual(lengths, [b"2"] * count + [b"0"])


if __name__ == "__main__":
    harness.main()
