"""redis-py: sync and asyncio, pipelines, transactions, messages, locks and scripts' absence, in RESP2 and RESP3."""

import driver

server_path, work = driver.arguments()
python = driver.python_with(work, "redis==5.0.8")
with driver.Server(server_path) as server:
    for protocol in ("2", "3"):
        print(driver.run(python, str(driver.HERE / "redis_py_client.py"), str(server.port), protocol, timeout=200))
