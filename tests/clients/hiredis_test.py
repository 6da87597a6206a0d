"""hiredis, Redis' own library for C: commands, pipelines, transactions, messages and blocking pops."""

import shlex
import subprocess

import driver

server_path, work = driver.arguments()
compiler = driver.program("cc")
pkg_config = driver.program("pkg-config")
if subprocess.run([pkg_config, "--exists", "hiredis"], check=False).returncode != 0:
    driver.skip("there is no hiredis to compile with")
flags = driver.run(pkg_config, "--cflags", "--libs", "hiredis")
client = work / "hiredis_client"
source = driver.HERE / "hiredis_client.c"
driver.run(compiler, "-std=c11", "-Wall", "-Wextra", "-Werror", str(source), *shlex.split(flags), "-o", str(client))
with driver.Server(server_path) as server:
    print(driver.run(str(client), str(server.port), timeout=120))
