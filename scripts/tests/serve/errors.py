"""Why records were refused, and the records themselves."""
import json
import os
import time

from support import MAPPING, SAMPLES, Server


def refused_records_are_told_and_can_be_had():
    server = Server("errors")
    data = open(f"{SAMPLES}/patients.csv", "rb").read()
    job = server.begin(data, options='{"skipDuplicates":true}', fieldMappings=json.dumps(MAPPING))
    status = server.wait(job)
    equation = status["equation"]
    assert equation["rows"] == 320 and equation["rejected"] > 0 and equation["dropped"] == 0, status
    lines = [json.loads(line) for line in server.request("GET", f"/api/import/errors/{job}")[1].splitlines()]
    assert len(lines) >= equation["rejected"] and {"ils-parse", "ils-map", "ils-validate"} <= {l["stage"] for l in lines}
    _, csv, headers = server.request("GET", f"/api/import/errors/{job}?format=csv")
    assert headers["Content-Type"].startswith("text/csv") and len(csv.splitlines()) == len(lines) + 1
    rejects = [json.loads(l) for l in server.request("GET", f"/api/import/rejects/{job}")[1].splitlines()]
    assert len(rejects) == equation["rejected"]
    events = server.request("GET", f"/api/import/events/{job}")[1].decode()
    assert events.count("event: status") == 1 and '"completed"' in events
    verdict = server.form("/api/import/validate", file=("p.csv", data), type="patients", fieldMappings=json.dumps(MAPPING))["validation"]
    assert verdict["total"] == 320 and 0 < verdict["rejected"] < 60 and verdict["fields"], verdict
    listed = server.json("GET", "/api/import/jobs")["jobs"]
    assert [j["id"] for j in listed] == [job] and listed[0]["status"] == "completed"
    metrics = server.request("GET", "/metrics")[1].decode()
    assert 'ils_jobs{status="completed"} 1' in metrics and "ils_rows_loaded 292" in metrics, metrics
    log = open(server.log).read()
    assert not any(word in log for word in ("Jessica", "example.com", "patients.csv")), log
    assert not any("upload/" in name for name in server.files()), "the upload is still there"
    for name in server.files():
        assert os.stat(name).st_mode & 0o077 == 0, f"others may read {name}"
    server.stop()


def the_status_of_a_job_with_huge_rejects_is_quick():
    server = Server("huge")
    rows = b"firstName,lastName,dateOfBirth,notes\nA,B,soon," + b"x" * 15_000_000 + b"\n"
    job = server.begin(rows)
    server.wait(job)
    times = []
    for _ in range(10):
        begun = time.monotonic()
        assert server.status(job)["errors"], "no errors are told"
        times.append(time.monotonic() - begun)
        # What was heard of the job is no longer fresh.
        time.sleep(0.3)
    print(f"    {max(times) * 1000:.0f} ms at most")
    # Parsed for each answer, the rejects would take half a minute.
    assert max(times) < 5, times
    server.stop()
