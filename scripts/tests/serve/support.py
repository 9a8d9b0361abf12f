"""A real server over a real PostgreSQL, and how it is asked."""
import gzip
import http.client
import json
import os
import re
import signal
import subprocess
import tempfile
import time

ROOT = os.path.realpath(f"{__file__}/../../../..")
SERVE = os.environ["ILS_SERVE"]
BIN = os.environ["ILS_BIN"]
SAMPLES = f"{ROOT}/scripts/samples/clinic"
MAPPING = json.load(open(f"{ROOT}/scripts/samples/mappings/clinic-patients.json"))["mappings"]
CASES = os.environ.get("ILS_CASES", f"{ROOT}/../shared/cases") + "/security"
scratch = tempfile.TemporaryDirectory(prefix="ils-serve-test.")


def shell(command, **more):
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, **more)


def until(condition, what, seconds=600):
    """Waits until a condition holds, and gives what it gave. The end is for ever: no machine is as slow as that."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"it never came to this: {what}"
        time.sleep(0.05)
    return found


class Gate:
    """Jobs of a server's database wait where they do `event`, from here until the gate is opened.

    A gate is a trigger that takes an advisory lock, which a session of ours holds: so a job stands where it was to stand, on
    machines of any speed."""

    def __init__(self, server, condition, event="INSERT ON ils.batches"):
        self.url = server.url
        self.session = subprocess.Popen(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", self.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.session.stdin.write(f"""
            CREATE OR REPLACE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0 AS
              'BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN NEW; END';
            SET client_min_messages = warning; DROP TRIGGER IF EXISTS gate ON {event.split()[-1]};
            CREATE TRIGGER gate BEFORE {event} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION gate();
            SELECT pg_advisory_lock(4711);\n""")
        self.session.stdin.flush()
        assert self.session.stdout.readline() == "\n", "the gate is not shut"

    def waiting(self):
        """How many stand before it."""
        return int(shell(f"""psql -XAtqc "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())" '{self.url}'""").stdout)

    def reached(self):
        until(self.waiting, "a job comes to the gate")

    def open(self):
        self.session.communicate()


def database(name):
    made = shell(f"'{ROOT}/scripts/lib/database' {name}", env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"})
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


class Server:
    running = []

    def __init__(self, name, *options, url=None, folder=None, tools=BIN):
        self.url = url or database("serve_" + name)
        self.folder = folder or f"{scratch.name}/{name}"
        os.makedirs(self.folder, exist_ok=True)
        self.tokens = f"{self.folder}/tokens"
        self.spool = f"{self.folder}/spool"
        self.options = options
        self.tools = tools
        self.token = self.make_token()
        self.start()

    def make_token(self, *options):
        return subprocess.run([SERVE, "token", self.tokens, *options], capture_output=True, text=True, check=True).stdout.strip()

    def start(self, port="0", niceness=0):
        self.log = f"{self.folder}/log"
        auth = [] if "--no-auth" in self.options else ["--tokens", self.tokens]
        self.process = subprocess.Popen(
            [SERVE, *auth, "--spool", self.spool, "--port", port, *self.options], stderr=open(self.log, "w"),
            stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, preexec_fn=lambda: os.nice(niceness),
            env={**os.environ, "DATABASE_URL": self.url, "ILS_BIN": self.tools})
        Server.running.append(self.process)

        def listening():
            assert self.process.poll() is None, open(self.log).read()
            return re.search(r"listening at (https?)://[^:]*:(\d+)/", open(self.log).read())
        found = until(listening, "the server listens")
        self.scheme, self.port = found[1], int(found[2])

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        try:
            return self.process.wait(600)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the server does not end; its processes: {self.children()}; its log: {open(self.log).read()[-2000:]}")

    def request(self, method, path, body=None, headers={}, token="own"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        all_headers = dict(headers)
        if token:
            all_headers["Authorization"] = f"Bearer {self.token if token == 'own' else token}"
        connection.request(method, path, body, all_headers)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer.status, data, dict(answer.getheaders())

    def json(self, method, path, expected=200, **more):
        status, data, _ = self.request(method, path, **more)
        assert status == expected, f"{method} {path}: {status} {data[:500]}"
        return json.loads(data)

    def form(self, path, expected=200, token="own", **fields):
        boundary = "serve-test-boundary"
        body = b""
        for name, value in fields.items():
            named = f'; filename="{value[0]}"' if isinstance(value, tuple) else ""
            data = value[1] if isinstance(value, tuple) else value.encode()
            body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode() + data + b"\r\n"
        body += f"--{boundary}--\r\n".encode()
        return self.json("POST", path, expected, body=body, token=token,
                         headers={"Content-Type": f"multipart/form-data; boundary={boundary}"})

    def begin(self, data, name="patients.csv", token="own", **fields):
        fields = {"type": "patients", "source": "legacy", **fields}
        return self.form("/api/import/start", 202, token=token, file=(name, data), **fields)["jobId"]

    def status(self, job):
        """What is said of a job. A database that takes five seconds to answer is told as 503, and is asked again."""
        def told():
            status, data, _ = self.request("GET", f"/api/import/status/{job}")
            assert status in (200, 503), (status, data[:500])
            return status == 200 and json.loads(data)["status"]
        return until(told, "the database answers")

    def wait(self, job):
        """The status of a job that has ended."""
        def ended():
            status = self.status(job)
            return status if status["status"] in ("completed", "failed", "cancelled", "rolled_back") else None
        return until(ended, f"job {job} ends")

    def count(self, table="patients"):
        return int(shell(f"psql -XAtqc 'select count(*) from {table}' '{self.url}'").stdout)

    def spool_bytes(self):
        def size(name):
            try:
                return os.path.getsize(name)
            except FileNotFoundError:
                return 0
        return sum(map(size, self.files()))

    def peak(self):
        """The most memory that it has had, in MB."""
        return int(re.search(r"VmHWM:\s+(\d+)", open(f"/proc/{self.process.pid}/status").read())[1]) / 1024

    def children(self):
        """The command lines of its processes."""
        pids = shell(f"cat /proc/{self.process.pid}/task/*/children").stdout.split()
        return [shell(f"tr '\\0' ' ' < /proc/{pid}/cmdline").stdout for pid in pids]

    def files(self):
        return sorted(os.path.join(at, name) for at, _, names in os.walk(self.spool) for name in names)


def long_to_read():
    """26 MB that are 6 GB of rows, packed no tighter than exports are."""
    rows = gzip.compress(b"firstName,lastName,dateOfBirth\n" + b"A,B,1980-01-01\n" * 1000000)
    noise = gzip.compress(b"".join(os.urandom(20).hex().encode() + b",B,1980-01-01\n" for _ in range(1500)))
    return (rows + noise) * 400


def generated(rows, *options):
    made = subprocess.run([f"{ROOT}/scripts/bench/generate", "--form", "clean", "--rows", str(rows), *options],
                          capture_output=True, check=True).stdout
    # Rows from further on come without the header.
    return made if made.startswith(b"mrn,") else generated(0) + made
