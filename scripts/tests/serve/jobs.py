"""Jobs beside each other, cancelled and resumed."""
import json
import os
import signal
import threading
import time

from support import Gate, Server, generated, long_to_read, until


def fifty_ask_for_the_status_while_four_imports_run():
    server = Server("many", "--jobs", "2")
    gate = Gate(server, "NEW.number = 1")
    jobs = [server.begin(generated(4000, "--start", str(4000 * n)), source=f"clinic_{n}") for n in range(4)]
    gate.reached()
    stands = [server.status(job)["status"] for job in jobs]
    assert sorted(stands) == ["pending", "pending", "processing", "processing"], stands
    answers, faults = [], []

    def poll(number):
        job = jobs[number % 4]
        last = -1
        while True:
            try:
                status = server.status(job)
            except Exception as fault:
                return faults.append(repr(fault))
            answers.append(number)
            if status["progress"]["processed"] < last:
                return faults.append("went back")
            last = status["progress"]["processed"]
            if status["status"] == "completed":
                return
            if status["status"] not in ("pending", "processing"):
                return faults.append(str(status))
            time.sleep(0.3)

    threads = [threading.Thread(target=poll, args=(n,)) for n in range(50)]
    for thread in threads: thread.start()
    gate.open()
    for thread in threads: thread.join(600)
    assert not faults and all(not t.is_alive() for t in threads), faults[:3]
    assert server.count() == 16000
    print(f"    {len(answers)} answers to 50 clients")
    server.stop()


def a_job_may_be_cancelled_and_resumed():
    server = Server("cancel", "--jobs", "1")
    gate = Gate(server, "NEW.number = 3")
    job = server.begin(generated(40000), options='{"batchSize":500}')
    queued = server.begin(generated(10), source="q")
    gate.reached()
    server.json("POST", f"/api/import/cancel/{queued}")
    assert server.status(queued)["status"] == "cancelled"
    server.json("POST", f"/api/import/cancel/{job}")
    gate.open()
    status = server.wait(job)
    assert status["status"] == "cancelled" and status["resumable"] and 0 < server.count() < 40000, status
    server.json("POST", f"/api/import/resume/{job}")
    assert server.wait(job)["status"] == "completed" and server.count() == 40000
    server.json("POST", f"/api/import/resume/{job}", 409)
    server.stop()


def a_slow_job_ends_when_it_is_cancelled_and_stays_so():
    server = Server("slow", "--allow-scripts")
    slow = [{"sourceField": name, "targetField": name} for name in ("lastName", "dateOfBirth")]
    slow.append({"sourceField": "firstName", "targetField": "firstName", "transform": "custom",
                 "customTransform": "let n = 0; for (let i = 0; i < 2e5; i++) n += i % 7; return value"})
    job = server.begin(generated(20000), fieldMappings=json.dumps(slow))
    until(lambda: any("ils-map" in line for line in server.children()), "its functions run")
    server.json("POST", f"/api/import/cancel/{job}")
    status = server.wait(job)
    assert status["status"] == "cancelled", status
    audit = [line for line in open(server.log) if "audit:" in line]
    assert any("import" in line for line in audit) and any("cancel" in line for line in audit), audit
    server.stop(signal.SIGKILL)
    server.options = ()
    server.start()
    # Long enough for one that is taken up again to be at work.
    time.sleep(1)
    assert server.status(job)["status"] == "cancelled"
    # What was allowed when it came in is not allowed now.
    server.json("POST", f"/api/import/resume/{job}")
    status = server.wait(job)
    assert status["status"] in ("failed", "cancelled") and "--allow-scripts" in status["message"], status
    server.stop()


def a_job_that_is_still_counted_ends_when_it_is_asked_to():
    server = Server("counted", "--jobs", "1")
    data = long_to_read()
    job = server.begin(data, name="long.csv.gz")
    until(server.children, "it is counted")
    server.json("POST", f"/api/import/cancel/{job}")
    assert server.wait(job)["status"] == "cancelled"
    until(lambda: not server.children(), "nobody counts any more")
    job = server.begin(data, name="long.csv.gz")
    until(server.children, "it is counted")
    assert server.stop() == 0
    assert not os.path.exists(f"{server.spool}/jobs/{job}/total.json"), "it was counted to its end"
