"""What a server is started with: spool, sizes, tokens."""
import os
import subprocess

from support import SERVE, Server


def one_spool_has_one_server_and_sizes_are_sizes():
    server = Server("spool")
    second = subprocess.run([SERVE, "--tokens", server.tokens, "--spool", server.spool, "--port", "0"], capture_output=True, text=True, timeout=600)
    assert second.returncode == 78 and "another ils-serve" in second.stderr, second
    server.stop()
    for option in ("--max-upload=-1", "--max-upload=9999999999999G", "--max-spool=0", "--jobs=0", "--port=70000", "--max-jobs=0"):
        wrong = subprocess.run([SERVE, "--tokens", server.tokens, option], capture_output=True, text=True, timeout=600)
        assert wrong.returncode == 64, (option, wrong)


def a_token_file_has_no_traps():
    server = Server("tokens")
    server.stop()
    with open(server.tokens, "r+") as file:
        text = file.read()
        file.seek(0)
        file.write(text.rstrip("\n"))
        file.truncate()
    later = server.make_token("--name", "later")
    server.start()
    for token in (server.token, later):
        assert server.request("GET", "/api/import/jobs", token=token)[0] == 200
    assert server.request("GET", "/api/import/jobs", token="ils_unknown")[0] == 401
    assert "refused" in open(server.log).read() and "ils_unknown" not in open(server.log).read()
    server.stop()
    for options in (["--name", ""], ["--name", "a\rb"], ["--days", "1e300"], ["--days", "nan"], ["--scopes", "all"]):
        assert subprocess.run([SERVE, "token", server.tokens, *options], capture_output=True).returncode == 64, options
    os.chmod(server.tokens, 0o644)
    assert subprocess.run([SERVE, "token", server.tokens], capture_output=True).returncode == 78
