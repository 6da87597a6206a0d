"""redis-cli and redis-benchmark, all its tests, find in redislite-server what they look for."""

import driver

server_path, _ = driver.arguments()
cli, benchmark = driver.program("redis-cli"), driver.program("redis-benchmark")
with driver.Server(server_path) as server:
    port = str(server.port)

    def say(*words, **options):
        return driver.run(cli, "-p", port, *words, timeout=driver.PATIENCE_S, **options)

    assert say("SET", "greeting", "hello") == "OK\n"
    assert say("-3", "HGETALL", "nothing") == "\n"
    assert say("--no-raw", "GET", "greeting") == '"hello"\n'
    assert "errors: 0" in say("--pipe", input="SET a 1\r\nSET b 2\r\nINCR a\r\n")
    assert say("--scan", "--pattern", "[ab]").split() in (["a", "b"], ["b", "a"])
    assert "redis_version:" in say("INFO")
    assert "Biggest string" in say("--bigkeys") and "Biggest" in say("--memkeys")
    assert say("CONFIG", "GET", "save") == "save\n\n"
    assert "maxclients" in say("CONFIG", "GET", "*")

    said = driver.run(benchmark, "-p", port, "-n", "2000", "-c", "20", "-q", "--threads", "2", timeout=300)
    assert "WARNING" not in said and "rror" not in said, said
    names = [line.rsplit("\r", 1)[-1].split(":")[0] for line in said.splitlines() if "requests per second" in line]
    for name in ("PING_INLINE", "PING_MBULK", "SET", "GET", "INCR", "LPUSH", "RPUSH", "LPOP", "RPOP", "SADD", "HSET",
                 "SPOP", "ZADD", "ZPOPMIN", "MSET (10 keys)"):
        assert name in names, (name, said)
    assert sum("LRANGE" in name for name in names) == 5, names
    driver.run(benchmark, "-p", port, "-n", "20000", "-P", "16", "-q", "-t", "set,get", "-r", "100", timeout=300)
    assert "cmdstat_spop:calls=2000" in say("INFO", "commandstats")

    # The end that a person asks for.
    driver.run(cli, "-p", port, "SHUTDOWN", timeout=driver.PATIENCE_S)
    assert server.process.wait(driver.PATIENCE_S) == 0
    server.start()
    assert say("GET", "greeting") == "hello\n"
