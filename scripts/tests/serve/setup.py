"""What a server is started with: spool, sizes, tokens."""
import os
import signal
import subprocess

from support import BIN, SERVE, Gate, Server, generated, shell, until


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


def _asks_everything(server, job):
    """All that the server says of itself and of a job, and of files."""
    paths = [("GET", path) for path in ("/health", "/metrics", "/api/import/jobs", "/api/import/entities")]
    paths += [(method, f"/api/import/{verb}/{job}") for method, verbs in (
        ("GET", ("status", "errors", "rejects", "events")), ("POST", ("cancel", "rollback", "resume"))) for verb in verbs]
    return [server.request(*path)[1].decode() for path in paths]


def nobody_is_told_where_the_database_is():
    """A user, a password, a host and a name are planted in the connection; the database is away from the start, or goes away."""
    rows = b"firstName,lastName,dateOfBirth\nA,B,1980-01-01\n"
    told = []
    for url in ("postgresql://planted1:planted2@127.0.0.1:1/planted3?application_name=planted4", "host=planted5 port=1 user=planted1 password=planted2",
                "postgresql://planted1:planted2@[planted5/planted3", "service=planted6", "host=/planted5 dbname=planted3"):
        server = Server("away", url=url)
        job = server.begin(rows)
        told += [server.form("/api/import/validate", file=("a.csv", rows), type="patients"), *_asks_everything(server, job)]
        until(lambda: "ended" in open(server.log).read(), "the job has ended")
        # As the database is away, its own state is what the spool says.
        told += [open(f"{server.spool}/jobs/{job}/result.json").read(), *_asks_everything(server, job)]
        told.append("".join(line for line in open(server.log) if "listening" not in line))
        server.stop(signal.SIGKILL)
    server = Server("planted7", "--jobs", "1")
    gate = Gate(server, "NEW.number = 2")
    job = server.begin(generated(2000), options='{"batchSize":100}')
    gate.reached()
    name = "serve_planted7"
    elsewhere = server.url.replace(f"/{name}", "/postgres")
    shell(f"""psql -XAtqc 'ALTER DATABASE {name} ALLOW_CONNECTIONS false' -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'" '{elsewhere}'""")
    until(lambda: "ended" in open(server.log).read(), "the job has ended")
    told += [open(f"{server.spool}/jobs/{job}/result.json").read(), *_asks_everything(server, job)]
    shell(f"psql -XAtqc 'ALTER DATABASE {name} ALLOW_CONNECTIONS true' '{elsewhere}'")
    status = server.status(job)
    assert status["status"] == "failed" and status["message"], status
    told.append(status)
    found = [text for text in map(str, told) if "planted" in text]
    assert not found, found[:3]
    server.stop()


def _trail(server):
    """The events that have somebody's name, as `event by name`."""
    rows = shell(f"psql -XAtqc \"SELECT event || ' by ' || split_part(os_user, ' for ', 2) FROM ils.audit WHERE os_user IS NOT NULL ORDER BY seq\" '{server.url}'")
    return rows.stdout.splitlines()


def each_is_in_the_audit_trail_with_what_was_asked():
    """One starts, another cancels, a third goes on, a fourth looks, a fifth decides, a sixth undoes."""
    server = Server("each", "--jobs", "1")
    names = ("starter", "canceller", "resumer", "reader", "decider", "undoer")
    tokens = {name: server.make_token("--name", name) for name in names}
    server.stop()
    server.start()
    gate = Gate(server, "NEW.number = 2")
    rows = b"firstName,lastName,dateOfBirth,mrn\n" + b"".join(b"A%d,B%d,1980-01-01,%d\n" % (n, n, n) for n in range(300)) + b"C,D,soon,x\n"
    job = server.begin(rows, token=tokens["starter"], options='{"batchSize":100}')
    gate.reached()
    server.json("POST", f"/api/import/cancel/{job}", token=tokens["canceller"])
    gate.open()
    assert server.wait(job)["status"] == "cancelled"
    server.json("POST", f"/api/import/resume/{job}", token=tokens["resumer"])
    assert server.wait(job)["status"] == "completed"
    assert server.request("GET", f"/api/import/rejects/{job}", token=tokens["reader"])[0] == 200
    server.json("POST", f"/api/import/rollback/{job}", token=tokens["undoer"])
    # Name and birth date of one who is there, and another number: that somebody says whose it is, is told with who it was.
    more = b'{"firstName":"E","lastName":"F","dateOfBirth":"1980-01-01","mrn":"7000"}\n'
    body = more + b'{"firstName":"E","lastName":"F","dateOfBirth":"1980-01-01","mrn":"7001","_is":"new"}\n'
    decided = server.json("POST", "/api/import/start?type=patients&source=legacy", 202, body=body, token=tokens["decider"],
                          headers={"Content-Type": "application/x-ndjson"})["jobId"]
    assert server.wait(decided)["progress"]["successful"] == 2, server.status(decided)
    trail = _trail(server)
    expected = ["load started by starter", "cancel requested by canceller", "load resumed by resumer", "job completed by resumer",
                "rejects downloaded by reader", "rollback started by undoer", "job undone by undoer", "job completed by undoer", "load started by decider",
                "identities decided by decider", "job completed by decider"]
    assert [event for event in trail if event != "job cancelled by starter"] == expected, trail
    # What was asked of a job is among its events, and hides no seal.
    tool = f"DATABASE_URL='{server.url}' '{BIN}/ils-jobs' audit"
    events = shell(f"{tool} --json {job}").stdout
    assert "rejects downloaded" in events and "cancel requested" in events, events
    assert shell(f"{tool} --verify").returncode == 0
    shell(f"psql -Xqc \"UPDATE ils.jobs SET source = 'other' WHERE id = '{decided}'\" '{server.url}'")
    assert server.request("GET", f"/api/import/rejects/{decided}", token=tokens["reader"])[0] == 200
    assert shell(f"{tool} --verify").returncode == 65
    # No trail, no rejects.
    shell(f"""psql -Xqc "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''full''; END'" \\
        -c 'CREATE TRIGGER no BEFORE INSERT ON ils.audit EXECUTE FUNCTION no()' '{server.url}'""")
    status, data, _ = server.request("GET", f"/api/import/rejects/{job}", token=tokens["reader"])
    assert status == 503 and b"audit trail" in data, (status, data)
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
    assert set(trail.stdout.splitlines()) == {"load started", "job completed", "rejects downloaded", "rollback started", "job undone"}, trail
    server.stop()
