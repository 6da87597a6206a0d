"""node-redis and ioredis: commands, pipelines, transactions, messages and blocking pops."""

import shutil

import driver

PACKAGES = ("redis@4.7.0", "ioredis@5.4.1")

server_path, work = driver.arguments()
node, npm = driver.program("node"), driver.program("npm")
place = work / "node"
with driver.once(place) as missing:
    if missing:
        driver.install(place, npm, "install", "--no-audit", "--no-fund", "--prefix", str(place), *PACKAGES)
with driver.Server(server_path) as server:
    for name in ("node_redis_client.mjs", "ioredis_client.mjs"):
        # Node looks for packages beside the script.
        shutil.copy(driver.HERE / name, place / name)
        print(driver.run(node, str(place / name), str(server.port), timeout=120))
