"""Who is let in, how many, and for how long."""

import time

import harness
from harness import request


class Clients(harness.Case):
    def test_two_hundred_idle_clients_are_served_and_cost_little(self):
        self.start("--io-threads", "2")
        clients = [self.connect() for _ in range(200)]
        for client in clients:
            self.assertEqual(client.say("PING"), b"+PONG")
        for client in reversed(clients):
            self.assertEqual(client.say("INCR", "n")[:1], b":")
        self.assertEqual(self.count(clients[0]), 200)

    def count(self, client):
        client.send(request("CLIENT", "LIST"))
        length = int(client.line()[1:])
        return client.receive(length + 2).count(b" addr=")

    def stats(self, client):
        client.send(request("INFO", "stats"))
        length = int(client.line()[1:])
        lines = client.receive(length + 2).decode().splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)

    def test_one_client_too_many_is_told_and_comes_in_when_another_leaves(self):
        self.start("--maxclients", "3")
        clients = [self.connect() for _ in range(3)]
        for client in clients:
            self.assertEqual(client.say("PING"), b"+PONG")
        for _ in range(3):
            self.assertEqual(self.connect().to_the_end(), b"-ERR max number of clients reached\r\n")
        self.assertEqual(self.stats(clients[0])["rejected_connections"], "3")
        self.assertEqual(self.stats(clients[0])["total_connections_received"], "3")
        # Those who are there stay when there may be fewer.
        self.assertEqual(clients[0].say("CONFIG", "SET", "maxclients", "1"), b"+OK")
        self.assertEqual(self.connect().to_the_end(), b"-ERR max number of clients reached\r\n")
        self.assertEqual(clients[2].say("CONFIG", "SET", "maxclients", "4"), b"+OK")
        fourth = self.connect()
        self.assertEqual(fourth.say("PING"), b"+PONG")
        self.assertEqual(self.connect().to_the_end(), b"-ERR max number of clients reached\r\n")
        self.assertEqual(self.stats(fourth)["rejected_connections"], "5")
        self.assertEqual(fourth.say("CONFIG", "RESETSTAT"), b"+OK")
        self.assertEqual(self.stats(fourth)["rejected_connections"], "0")
        clients[0].close()
        deadline = time.monotonic() + harness.PATIENCE_S
        while True:
            late = self.connect()
            late.send(request("PING"))
            if late.line() == b"+PONG\r\n":
                break
            self.assertLess(time.monotonic(), deadline)

    def test_a_password_is_asked_for(self):
        secret = self.work / "secret"
        secret.write_text("from a file\n")
        self.start(env={"REDISLITE_REQUIREPASS_FILE": str(secret)})
        client = self.connect()
        self.assertEqual(client.say("GET", "k"), b"-NOAUTH Authentication required.")
        self.assertEqual(client.say("AUTH", "x")[:10], b"-WRONGPASS")
        self.assertEqual(client.say("AUTH", "from a file"), b"+OK")
        self.assertEqual(client.say("SET", "k", "v"), b"+OK")

    def test_a_socket_in_the_file_system_has_its_permissions_and_goes_with_the_server(self):
        path = self.work / "socket"
        for port in ("any", "0"):
            self.start("--port", port, "--unixsocket", str(path), "--unixsocketperm", "700")
            self.assertEqual(path.stat().st_mode & 0o777, 0o700)
            self.assertEqual(self.connect(str(path)).say("PING"), b"+PONG")
            if port == "any":
                self.process.kill()  # its socket is in the way of the next one, which takes it
                self.process.wait()
        self.assertEqual(self.port, 0)
        self.assertEqual(self.stop(), 0)
        self.assertFalse(path.exists())

    def test_idle_clients_are_disconnected_but_not_those_that_wait_or_listen(self):
        self.start("--timeout", "1")
        idle, blocked, listener = self.connect(), self.connect(), self.connect()
        blocked.send(request("BLPOP", "l", 0))
        listener.send(request("SUBSCRIBE", "c"))
        self.assertNotEqual(listener.receive(30), b"")
        self.assertEqual(idle.say("PING"), b"+PONG")
        self.assertEqual(idle.to_the_end(), b"")
        other = self.connect()
        self.assertEqual(other.say("RPUSH", "l", "x"), b":1")
        self.assertEqual(other.say("PUBLISH", "c", "x"), b":1")
        self.assertEqual(blocked.line(), b"*2\r\n")


if __name__ == "__main__":
    harness.main()
