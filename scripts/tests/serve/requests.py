"""Requests that are wrong, large, or several at once; TLS."""
import http.client
import json
import os
import socket
import ssl
import threading
import time

from support import Server, scratch, shell, until


def what_is_not_right_is_refused_and_leaves_nothing():
    server = Server("refused", "--max-upload", "100K")
    before = server.files()
    reader = server.make_token("--scopes", "read")
    expired = server.make_token("--days=-1")
    server.stop()
    server.start()
    job = "01890a5d-ac96-774b-bcce-b302099a8057"
    rows = b"firstName,lastName,dateOfBirth\nA,B,1980-01-01\n"
    assert server.request("GET", "/api/import/jobs", token=None)[0] == 401
    assert server.request("GET", "/api/import/jobs", token="wrong")[0] == 401
    status, data, headers = server.request("GET", "/api/import/jobs", token=expired)
    assert status == 401 and b"expired" in data and headers["WWW-Authenticate"].startswith("Bearer")
    assert headers["Content-Type"] == "application/problem+json"
    assert server.request("GET", "/api/import/jobs", token=reader)[0] == 200
    for path in ("start", f"rollback/{job}", f"cancel/{job}"):
        assert server.request("POST", f"/api/import/{path}", token=reader)[0] == 403, path
    for path in ("..%2f..%2fetc%2fpasswd", "....//", "%00", job + "x", job[:-1], "../jobs", "*"):
        assert server.request("GET", f"/api/import/status/{path}")[0] in (400, 404), path
    for path in ("/page/..%2fopenapi.json", "/page/../../etc/passwd", "/../etc/passwd", "/page/%2e%2e/%2e%2e/etc/passwd"):
        assert server.request("GET", path, token=None)[0] in (400, 404), path
    assert server.request("GET", f"/api/import/status/{job}")[0] == 404
    server.form("/api/import/start", 422, file=("a.csv", rows), type="nothing")
    server.form("/api/import/start", 422, file=("a.csv", rows), type="patients", options='{"bogus":1}')
    server.form("/api/import/start", 422, file=("a.csv", rows), type="patients", options='{"batchSize":"x"}')
    server.form("/api/import/start", 422, file=("a.csv", rows), type="patients", fieldMappings='[{"sourceField":"a"}]')
    script = '[{"sourceField":"a","targetField":"mrn","transform":"custom","customTransform":"return 1"}]'
    assert "custom" in server.form("/api/import/start", 422, file=("a.csv", rows), type="patients", fieldMappings=script)["detail"]
    server.form("/api/import/start", 422, type="patients")
    server.form("/api/import/start", 404, type="patients", upload=job)
    server.form("/api/import/start", 413, file=("a.csv", rows * 10000), type="patients")
    kind = {"Content-Type": "multipart/form-data; boundary=X"}
    for body in (b"", b"--X", b"--X\r\n\r\nx\r\n--X--", b'--X\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\na,b\r\n1,'):
        assert server.request("POST", "/api/import/start", body, kind)[0] == 400, body
    assert server.request("POST", "/api/import/start", b"x", {"Content-Type": "text/csv"})[0] == 415
    evil = server.form("/api/import/preview", file=("../../../tmp/evil\r\n.csv", rows), type="patients")
    assert evil["success"] and not os.path.exists("/tmp/evil.csv")
    assert server.request("GET", "/api/import/jobs", headers={"Host": "evil.example"})[0] == 421
    assert server.request("POST", "/api/import/start", b"", {"Sec-Fetch-Site": "cross-site"})[0] == 403
    # A client that leaves in the middle.
    half = socket.create_connection(("127.0.0.1", server.port))
    half.sendall(f"POST /api/import/start HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {server.token}\r\nContent-Type: multipart/form-data; boundary=X\r\nContent-Length: 90000\r\n\r\n--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nfirstName\r\n".encode())
    until(lambda: server.files() != before, "the upload is begun")
    half.close()
    until(lambda: server.files() == before, "nothing is left of the upload")
    assert server.count() == 0 and server.count("ils.jobs") == 0
    server.stop()


def what_is_there_and_takes_another_method_is_405():
    server = Server("methods")
    for method, path in (("GET", "/api/import/start"), ("PUT", "/api/import/jobs"), ("DELETE", "/health"), ("POST", "/metrics")):
        status, _, headers = server.request(method, path, body=b"" if method != "GET" else None)
        assert status == 405 and headers.get("Allow"), (method, path, status)
    assert server.request("GET", "/api/import/nothing")[0] == 404
    assert server.request("POST", "/api/import/start", b"", {"Origin": "http://evil.example"})[0] == 403
    server.stop()


def another_site_s_page_may_ask_for_nothing_without_tokens_either():
    """Where no token is asked for, what a browser says of the page is all that tells a person's own wish."""
    server = Server("origins", "--no-auth")
    rows = b'{"firstName":"A","lastName":"B","dateOfBirth":"1980-01-01"}\n'
    kind = {"Content-Type": "application/x-ndjson"}
    job = "01890a5d-ac96-774b-bcce-b302099a8057"
    foreign = [{"Origin": origin} for origin in (
        "http://evil.example", "null", "", f"http://127.0.0.1:{server.port + 1}", f"http://127.0.0.1:{server.port}.evil.example", "http://127.0.0.1")]
    foreign += [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}]
    for headers in foreign:
        for path in ("start?type=patients", "preview?type=patients", "validate?type=patients", f"rollback/{job}", f"cancel/{job}", f"resume/{job}"):
            assert server.request("POST", f"/api/import/{path}", rows, {**kind, **headers}, token=None)[0] == 403, (headers, path)
    # A name that leads here by a stranger's DNS.
    for method, path in (("GET", "/api/import/jobs"), ("POST", "/api/import/start?type=patients")):
        named = {"Host": "evil.example", "Origin": "http://evil.example", **kind}
        assert server.request(method, path, rows if method == "POST" else None, named, token=None)[0] == 421
    assert server.count("ils.jobs") == 0 and not server.files()[1:], server.files()
    own = {"Origin": f"http://127.0.0.1:{server.port}", "Sec-Fetch-Site": "same-origin"}
    begun = server.json("POST", "/api/import/start?type=patients", 202, body=rows, headers={**kind, **own}, token=None)
    assert server.wait(begun["jobId"])["status"] == "completed"
    # No answer lets another page read it.
    for path in ("/api/import/jobs", f"/api/import/status/{begun['jobId']}"):
        headers = server.request("GET", path, headers={"Origin": "http://evil.example"}, token=None)[2]
        assert "Access-Control-Allow-Origin" not in headers and headers["Cross-Origin-Resource-Policy"] == "same-origin", headers
    server.stop()


def tls_is_spoken_with_a_certificate():
    os.chdir(scratch.name)
    shell("openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost")
    server = Server("tls", "--tls-certificate", "cert.pem", "--tls-key", "key.pem")
    assert server.scheme == "https"
    context = ssl.create_default_context(cafile="cert.pem")
    connection = http.client.HTTPSConnection("localhost", server.port, context=context, timeout=600)
    connection.request("GET", "/health")
    answer = connection.getresponse()
    assert answer.status == 200 and "Strict-Transport-Security" in dict(answer.getheaders())
    server.stop()


def a_large_upload_needs_little_memory():
    megabytes = int(os.environ.get("SERVE_UPLOAD_MB", "100"))
    server = Server("large")
    server.form("/api/import/preview", file=("a.csv", b"firstName,lastName,dateOfBirth\nA,B,1980-01-01\n"), type="patients")
    before = server.peak()
    head = (b'--X\r\nContent-Disposition: form-data; name="type"\r\n\r\npatients\r\n--X\r\n'
            b'Content-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nfirstName,lastName,dateOfBirth\r\n')
    block = b"John,Doe,1980-05-15\r\n" * 50000
    blocks = megabytes * 1000000 // len(block) + 1
    tail = b"\r\n--X--\r\n"
    begun = time.time()
    connection = socket.create_connection(("127.0.0.1", server.port))
    connection.sendall(f"POST /api/import/preview HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {server.token}\r\n"
                       f"Content-Type: multipart/form-data; boundary=X\r\nContent-Length: {len(head) + blocks * len(block) + len(tail)}\r\n\r\n".encode())
    connection.sendall(head)
    for _ in range(blocks): connection.sendall(block)
    connection.sendall(tail)
    answer = connection.recv(1 << 16)
    assert answer.startswith(b"HTTP/1.1 200"), answer[:300]
    peak = server.peak()
    print(f"    {blocks * len(block) // 1000000} MB in {time.time() - begun:.1f} s, {peak:.0f} MB at the peak, {before:.0f} MB before")
    # More threads, on more cores, need more: of the upload there is nothing in it.
    assert peak - before < megabytes * 2 // 3, (peak, before)
    server.stop()


def two_requests_on_one_kept_upload_keep_their_own_mapping():
    server = Server("kept")
    rows = b"one,two\n" + b"".join(b"A%d,B%d\n" % (n, n) for n in range(50))
    upload = server.form("/api/import/preview", file=("k.csv", rows), type="patients", keep="true")["upload"]
    answers = {}

    def validate(name, source):
        mapping = [{"sourceField": source, "targetField": "firstName"}, {"sourceField": source, "targetField": "lastName"},
                   {"sourceField": source, "targetField": "dateOfBirth"}, {"sourceField": source, "targetField": name}]
        answers[name] = server.form("/api/import/validate", upload=upload, type="patients", fieldMappings=json.dumps(mapping))["validation"]

    threads = [threading.Thread(target=validate, args=(f"unknown{n}", ("one", "two")[n % 2])) for n in range(4)]
    for thread in threads: thread.start()
    for thread in threads: thread.join(600)
    for name, verdict in answers.items():
        told = {field["field"] for field in verdict["fields"]}
        others = {other for other in answers if other != name}
        assert not told & others, f"{name} was told of {told & others}"
    assert len(answers) == 4
    server.stop()
