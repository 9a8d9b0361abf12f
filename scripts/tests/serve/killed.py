"""What is left of a job when the server is killed."""
import json
import os
import signal
import time

from support import Gate, Server, generated, shell


def _stages(job, name="ils-"):
    return [int(pid) for pid in shell(f"pgrep -f -- '^[^ ]*{name}.*{job}'").stdout.split()]


def _kill(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def a_killed_server_loses_nothing():
    server = Server("killed")
    data = generated(15000)
    gate = Gate(server, "NEW.number = 11")
    jobs = [server.begin(data, options='{"batchSize":100}'), server.begin(generated(100, "--start", "60000"), source="b")]
    waiting = [server.begin(generated(100, "--start", str(60100 + 100 * n)), source=f"c{n}") for n in range(3)]
    gate.reached()
    loader = _stages(jobs[0], "ils-load")
    assert loader
    server.stop(signal.SIGKILL)
    server.start()
    assert server.status(jobs[0])["status"] in ("pending", "processing")
    # Its stages outlive the server; this loader does not.
    _kill(loader)
    gate.open()
    for job in jobs + waiting:
        status = server.wait(job)
        assert status["status"] == "completed", status
    assert server.count() == 15400
    # SIGTERM: the batch is finished, and the next server goes on.
    gate = Gate(server, "NEW.number = 11")
    job = server.begin(generated(15000, "--start", "70000"), options='{"batchSize":100}', source="d")
    gate.reached()
    server.process.send_signal(signal.SIGTERM)
    # The loader is asked to end while it stands there.
    time.sleep(1)
    gate.open()
    assert server.stop() == 0
    part = server.count() - 15400
    assert 0 < part < 15000 and part % 100 == 0, part
    server.start()
    ended = server.wait(job)
    assert ended["status"] == "completed" and ended["progress"]["processed"] == 15000, ended
    # Some share name and birth date with one of the first, and have another number: those are a person's to decide.
    assert ended["progress"]["failed"] < 600 and server.count() == 15400 + ended["progress"]["successful"], ended
    server.stop()


def _with_refusals(rows):
    """Each stage refuses some: fields too many, a day that is none, a person who has another number."""
    lines = ["firstName,lastName,dateOfBirth,mrn"]
    for n in range(rows):
        day = "1980-01-02" if n % 10 else "soon"
        person = n if n % 7 else n - n % 70
        lines.append(f"A{person},B{person},{day},M{n}" + (",,one,more" if n % 33 == 1 else ""))
    return "\n".join(lines).encode() + b"\n"


def _outcome(server, job):
    """All that is said of a job that has ended, without what differs between two of them."""
    status = server.wait(job)
    rejects = [json.loads(line) for line in server.request("GET", f"/api/import/rejects/{job}")[1].splitlines()]
    errors = [json.loads(line) for line in server.request("GET", f"/api/import/errors/{job}")[1].splitlines()]
    told = sorted((error["row"], error["stage"], error["code"], error.get("field", "")) for error in errors)
    return {"status": status["status"], "message": status.get("message"), "equation": status["equation"],
            "progress": status["progress"], "errors": told, "first": len(status["errors"]),
            "rejects": sorted((reject["_row"], reject["stage"]) for reject in rejects)}


def _differing(found, expected):
    def shown(name):
        if not isinstance(found[name], list): return f"{found[name]} for {expected[name]}"
        return f"lacks {[one for one in expected[name] if one not in found[name]][:5]}, has {[one for one in found[name] if one not in expected[name]][:5]}"
    return "; ".join(f"{name}: {shown(name)}" for name in expected if found[name] != expected[name])


def whenever_a_server_is_killed_rejects_errors_and_counts_are_whole():
    """Where its loader stands at the batches named, or at any moment; at every other one, its loader is killed with the server."""
    server = Server("moments")
    data, options = _with_refusals(700), '{"batchSize":25,"skipDuplicates":true}'
    job = server.begin(data, options=options)
    expected = _outcome(server, job)
    last = int(shell(f"psql -XAtqc 'SELECT max(number) FROM ils.batches' '{server.url}'").stdout)
    assert last > 20, last
    batches = [1, 2, *(at + one for at in (last // 5, last // 3, 2 * last // 3) for one in (0, 1)), last - 1, last]
    stages = {stage for _, stage in expected["rejects"]}
    assert stages == {"ils-parse", "ils-validate", "ils-load"} and expected["status"] == "completed", stages
    end = ("NEW.status = 'completed'", "UPDATE ON ils.jobs")
    for moment, stand in enumerate([*batches, end, end, 0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8]):
        server.json("POST", f"/api/import/rollback/{job}")
        gate = None
        if isinstance(stand, float) or stand == 0:
            job = server.begin(data, options=options)
            time.sleep(stand)
        else:
            gate = Gate(server, *(stand if stand == end else [f"NEW.number = {stand}"]))
            job = server.begin(data, options=options)
            gate.reached()
        loader = _stages(job, "ils-load")
        assert loader or not gate, "the loader is not at work"
        server.stop(signal.SIGKILL)
        if moment % 2: _kill(loader)
        server.start()
        if gate: gate.open()
        found = _outcome(server, job)
        assert found == expected, f"at {stand}: {_differing(found, expected)}"
    server.stop()


def a_job_that_outlives_its_server_is_cancelled_by_the_next():
    server = Server("adopted")
    gate = Gate(server, "NEW.number = 2")
    job = server.begin(generated(60000), options='{"batchSize":500}')
    gate.reached()
    server.stop(signal.SIGKILL)
    server.start()
    assert _stages(job, "ils-load"), "the loader did not outlive its server"
    server.json("POST", f"/api/import/cancel/{job}")
    # The loader is asked to end while it stands there.
    time.sleep(1)
    gate.open()
    status = server.wait(job)
    assert status["status"] == "cancelled" and status["resumable"] and not _stages(job), status
    assert 0 < server.count() < 60000 and server.count() % 500 == 0
    server.json("POST", f"/api/import/resume/{job}")
    assert server.wait(job)["status"] == "completed" and server.count() == 60000
    server.stop()


def a_dry_run_that_outlives_its_server_is_told_once():
    server = Server("drykilled")
    gate = Gate(server, "NEW.number = 1")
    job = server.begin(generated(20000), options='{"dryRun":true}')
    gate.reached()
    server.stop(signal.SIGKILL)
    server.start()
    gate.open()
    status = server.wait(job)
    assert status["status"] == "completed" and status["dryRun"] and status["progress"]["successful"] == 20000, status
    assert server.count() == 0
    server.stop()
