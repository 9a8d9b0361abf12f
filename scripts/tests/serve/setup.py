"""What a server is started with: spool, sizes, tokens."""
import os
import subprocess

from support import SERVE, Server, shell


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


def a_server_that_others_reach_without_tls_says_so():
    server = Server("clear", "--host", "0.0.0.0")
    assert "in the clear" in open(server.log).read()
    server.stop()
    server.options = ()
    server.start()
    assert "in the clear" not in open(server.log).read()
    server.stop()


def who_did_what_is_in_the_log_and_in_the_audit_trail():
    server = Server("who")
    clerk = server.make_token("--name", "clerk")
    server.stop()
    server.start()
    server.token = clerk
    job = server.begin(b"firstName,lastName,dateOfBirth\nA,B,1980-01-01\nC,D,soon\n")
    server.wait(job)
    assert server.request("GET", f"/api/import/rejects/{job}")[0] == 200
    server.json("POST", f"/api/import/rollback/{job}")
    log = open(server.log).read()
    for event in ("import", "download of rejects", "rollback"):
        assert f"audit: {event} of job {job} by clerk" in log, event
    trail = shell(f"psql -XAtqc \"SELECT DISTINCT event FROM ils.audit a WHERE row_to_json(a)::text LIKE '%clerk%'\" '{server.url}'")
    assert set(trail.stdout.splitlines()) == {"load started", "job completed", "rollback started", "job undone"}, trail
    server.stop()
