"""What the guide and the pages promise."""
import json
import os
import re
import subprocess

from support import BIN, MAPPING, ROOT, SAMPLES, SERVE, Server, generated, scratch, shell


def the_guides_curl_commands_run_as_written():
    """Each curl block of the guide's API part, with the token, the id and the port put in."""
    server = Server("guide")
    os.chdir(server.folder)
    with open("patients.csv", "w") as file:
        file.write("firstName,lastName,dateOfBirth,mrn,email,phone,gender\nJohn,Doe,1980-05-15,MRN001,john@example.com,555-0100,male\n"
                   "Jane,Smith,1975-08-22,MRN002,jane@example.com,555-0101,female\n")

    def run(command, job=""):
        command = command.replace("localhost:5000", f"localhost:{server.port}").replace("YOUR_TOKEN", server.token).replace("JOB_ID", job)
        done = shell(command, timeout=600)
        return json.loads(done.stdout)

    preview = run("""curl -X POST http://localhost:5000/api/import/preview \\
  -H "Authorization: Bearer YOUR_TOKEN" \\
  -F "file=@patients.csv" \\
  -F "type=patients" \\
  -F "sampleSize=10" """)
    assert preview["success"] and preview["preview"]["totalRows"] == 2, preview
    assert preview["preview"]["headers"][:3] == ["firstName", "lastName", "dateOfBirth"]
    assert len(preview["preview"]["records"]) == 2 and preview["preview"]["suggestedMappings"]
    started = run("""curl -X POST http://localhost:5000/api/import/start \\
  -H "Authorization: Bearer YOUR_TOKEN" \\
  -F "file=@patients.csv" \\
  -F "type=patients" \\
  -F "source=legacy_system" \\
  -F 'options={"skipDuplicates":true,"batchSize":100}' \\
  -F 'fieldMappings=%s'""" % json.dumps(preview["preview"]["suggestedMappings"]).replace(";", ","))
    assert started["success"] and started["message"] == "Import job started", started
    job = started["jobId"]
    server.wait(job)
    status = run("""curl http://localhost:5000/api/import/status/JOB_ID \\
  -H "Authorization: Bearer YOUR_TOKEN" """, job)["status"]
    assert status["id"] == job and status["status"] == "completed" and status["errors"] == []
    assert status["progress"] == {"total": 2, "processed": 2, "successful": 2, "failed": 0, "skipped": 0}, status
    assert server.count() == 2
    back = run("""curl -X POST http://localhost:5000/api/import/rollback/JOB_ID \\
  -H "Authorization: Bearer YOUR_TOKEN" """, job)
    assert back["success"] and server.count() == 0 and server.status(job)["status"] == "rolled_back"
    server.stop()


def options_of_page_and_help_agree():
    page = open(f"{ROOT}/man/ils-serve.1").read().split(".Sh EXIT STATUS")[0]
    told = "".join(subprocess.run([SERVE, *verb, "--help"], capture_output=True, text=True).stdout for verb in ([], ["run"], ["token"]))
    in_page, in_help = (set(re.findall(mark + r"([a-z][a-z-]*)", text)) for mark, text in ((r"Fl Fl ", page), (r"--", told)))
    assert in_page == in_help, in_page ^ in_help


def without_tokens_the_guides_short_commands_run():
    server = Server("noauth", "--no-auth")
    job = server.begin(generated(50))
    server.wait(job)
    loop = shell(f"curl -s http://localhost:{server.port}/api/import/status/{job} | jq -c '.status.progress'")
    assert json.loads(loop.stdout)["processed"] == 50, loop.stdout
    back = shell(f"curl -s -X POST http://localhost:{server.port}/api/import/rollback/{job}")
    assert json.loads(back.stdout)["success"], back.stdout
    server.stop()
    refused = subprocess.run([SERVE, "--no-auth", "--host", "0.0.0.0"], capture_output=True, text=True)
    assert refused.returncode == 64 and "--no-auth" in refused.stderr, refused


def records_may_come_as_ndjson():
    server = Server("ndjson")
    body = b'{"firstName":"A","lastName":"B","dateOfBirth":"1980-01-02","mrn":"1"}\n{"firstName":"C"}\n'
    answer = server.json("POST", "/api/import/start?type=patients&source=api", 202, body=body,
                         headers={"Content-Type": "application/x-ndjson"})
    status = server.wait(answer["jobId"])
    assert status["progress"]["successful"] == 1 and status["equation"]["rejected"] == 1, status
    dry = server.begin(generated(20), options='{"dryRun":true}')
    assert server.wait(dry)["progress"]["successful"] == 20 and server.count() == 1
    atomic = server.begin(b"firstName,lastName,dateOfBirth\nA,B,1980-01-01\nA,,1980-01-01\n", options='{"continueOnError":false}')
    assert server.wait(atomic)["status"] == "failed" and server.count() == 1
    server.stop()


def the_openapi_description_holds():
    """schemathesis makes up requests from the served description, and holds the answers against it."""
    server = Server("openapi")
    description = server.json("GET", "/openapi.json", token=None)
    assert description["openapi"].startswith("3.1")
    venv = f"{ROOT}/.build/serve-test"
    if not os.path.exists(f"{venv}/bin/st"):
        # Another version makes up other requests, and may judge otherwise.
        made = shell(f"python3 -m venv '{venv}' && {{ '{venv}/bin/pip' install -q schemathesis==4.32.5 || '{venv}/bin/pip' install -q schemathesis; }}")
        assert made.returncode == 0, made.stderr
    done = shell(f"cd '{scratch.name}' && timeout 1800 '{venv}/bin/st' run http://127.0.0.1:{server.port}/openapi.json "
                 f"-H 'Authorization: Bearer {server.token}' -n 12 --phases examples,fuzzing --seed 1 --request-timeout 600 --suppress-health-check all "
                 "--exclude-checks unsupported_method,positive_data_acceptance,negative_data_rejection,ignored_auth 2>&1 | tail -n 60")
    assert "Traceback" not in done.stdout and re.search(r"No issues found|[0-9]+ passed", done.stdout) and "failure" not in done.stdout.lower(), done.stdout
    server.stop()


def the_command_line_and_the_server_say_the_same_of_a_file():
    """Assumptions and warnings, word for word, when it is validated and when it is loaded."""
    server = Server("warnings")
    kinds = {
        "latin.csv": "firstName,lastName,dateOfBirth,mrn\nJos\xe9,Mu\xf1oz,1980-01-02,007\nZo\xeb,Br\xfbl\xe9,1981-02-03,008\n".encode("latin-1"),
        "semicolons.csv": b"firstName;lastName;dateOfBirth;mrn\nA;B;1980-01-02;1\nA;B;1980-01-02;2\n",
        "wide.csv": ("Total\n\n" + "a," * 30 + "Jos\xe9\n" + "1," * 30 + "2\n" + "Total," + "1," * 29 + "2\n").encode("latin-1"),
        "clinic.xlsx": open(f"{SAMPLES}/clinic.xlsx", "rb").read(),
        "clinic.csv": open(f"{SAMPLES}/patients.csv", "rb").read(),
    }
    folder = f"{scratch.name}/warnings-cli"
    os.makedirs(f"{folder}/upload")
    mapping = f"{folder}/mapping.json"
    json.dump({"mappings": MAPPING}, open(mapping, "w"))
    for name, data in kinds.items():
        open(f"{folder}/upload/{name}", "wb").write(data)
        fields = {"fieldMappings": json.dumps(MAPPING)} if name == "clinic.csv" else {}
        options = f"--mappings '{mapping}'" if fields else ""
        told = shell(f"cd '{folder}' && '{BIN}/ils-migrate' patients 'upload/{name}' --validate-only --source legacy --continue-on-error {options}").stdout.splitlines()
        told = told[:next(n for n, line in enumerate(told) if " rows = " in line)]
        assert told, name
        verdict = server.form("/api/import/validate", file=(name, data), type="patients", source="legacy", **fields)["validation"]
        assert verdict["notes"] == told, (name, verdict["notes"], told)
        seen = server.form("/api/import/preview", file=(name, data), type="patients")["notes"]
        assert {line for line in told if "ils-" not in line} <= set(seen), (name, seen, told)
        notes = server.wait(server.begin(data, name=name, **fields))["notes"]
        assert set(told) <= set(notes), (name, notes, told)
    server.stop()
