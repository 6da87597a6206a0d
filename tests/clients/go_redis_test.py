"""go-redis: commands, pipelines, transactions with WATCH, messages and blocking pops."""

import os
import shutil

import driver

server_path, work = driver.arguments()
go = driver.program("go")
place = work / "go"
place.mkdir(parents=True, exist_ok=True)
for name in ("main.go", "go.mod", "go.sum"):
    shutil.copy(driver.HERE / "go_redis" / name, place / name)
client = place / "client"
driver.install(place, go, "mod", "download", cwd=place)
driver.run(go, "build", "-o", str(client), ".", cwd=place, timeout=400)
with driver.Server(server_path) as server:
    print(driver.run(str(client), str(server.port), timeout=120, env=os.environ))
