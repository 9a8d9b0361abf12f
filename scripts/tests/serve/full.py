"""What becomes of jobs where the spool's disk is full. Needs root: the spool is a file system of its own."""
import contextlib
import os
import signal

from killed import _outcome, _with_refusals
from support import Gate, Server, scratch, shell


@contextlib.contextmanager
def _small_disk(name, size="12M"):
    """A folder for a server, whose spool has no more room than that; and what fills it, and empties it again."""
    folder = f"{scratch.name}/{name}"
    spool = f"{folder}/spool"
    os.makedirs(spool, mode=0o700)
    made = shell(f"mount -t tmpfs -o size={size},mode=700 none '{spool}'")
    assert made.returncode == 0, made.stderr

    def fill():
        with contextlib.suppress(OSError), open(f"{spool}/filler", "wb", buffering=0) as filler:
            for size in (65536, 4096, 1):
                with contextlib.suppress(OSError):
                    while True: filler.write(b"x" * size)

    def free():
        os.remove(f"{spool}/filler")

    try:
        yield folder, fill, free
    finally:
        shell(f"umount -l '{spool}'")


def a_full_spool_ends_jobs_and_is_told():
    """None stays at work for ever, none is completed whose rejects were lost, and all go on once there is room."""
    if os.geteuid() != 0: return print("    not root: not checked")
    data, options = _with_refusals(1500), '{"batchSize":25,"skipDuplicates":true}'
    with _small_disk("full") as (folder, fill, free):
        server = Server("full", "--jobs", "2", folder=folder)
        job = server.begin(data, options=options)
        expected = _outcome(server, job)
        server.json("POST", f"/api/import/rollback/{job}")
        gate = Gate(server, "NEW.number = 2")
        job, cancelled, waiting, given_up = (server.begin(data, options=options, source=name) for name in ("a", "b", "c", "d"))
        gate.reached()
        fill()
        assert server.form("/api/import/start", 507, file=("a.csv", data), type="patients")["title"] == "Insufficient Storage"
        server.form("/api/import/preview", 507, file=("a.csv", data), type="patients")
        server.json("POST", f"/api/import/cancel/{given_up}")
        assert server.status(given_up)["status"] == "cancelled", server.status(given_up)
        server.json("POST", f"/api/import/cancel/{cancelled}")
        gate.open()
        ended = {name: server.wait(one) for name, one in (("job", job), ("cancelled", cancelled), ("waiting", waiting))}
        assert ended["cancelled"]["status"] == "cancelled", ended["cancelled"]
        # Those whose stages had no room for what they say or refuse have failed, and say why.
        assert ended["waiting"]["status"] == "failed" and ended["waiting"]["message"], ended["waiting"]
        assert ended["job"]["status"] in ("failed", "completed"), ended["job"]
        # The next server finds them as they were.
        server.stop(signal.SIGKILL)
        server.start()
        for one, was in ((given_up, "cancelled"), (cancelled, "cancelled")):
            assert server.wait(one)["status"] == was, server.status(one)
            assert f"job {one}: begun" not in open(server.log).read(), "a cancelled job is taken up again"
        assert server.wait(waiting)["status"] == "failed"
        free()
        for one in (job, waiting):
            if server.wait(one)["status"] == "failed": server.json("POST", f"/api/import/resume/{one}")
            server.wait(one)
        found = _outcome(server, job)
        early = lambda outcome: [reject for reject in outcome["rejects"] if reject[1] != "ils-load"]
        assert early(found) == early(expected) and found["status"] == "completed", found
        assert server.wait(waiting)["status"] == "completed"
        server.stop()
