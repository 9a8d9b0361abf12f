#!/usr/bin/env python3
"""ils_spark.py TYPE INPUT --work FOLDER [OPTION ...]: maps, validates and loads an export that is too large for one machine.

Runs under spark-submit, or with Python where pyspark is installed. INPUT is NDJSON records (what ils-parse writes), which Spark cuts
into partitions at line feeds; or, with --csv, CSV files: each file is parsed whole by one task, since a quoted cell may hold
line feeds. Each partition goes through ils-map and ils-validate, and into the table by an ils-load of its own, all of them
under one job (--job, --part). A task that Spark runs again goes on behind what its part has settled, so that nothing is loaded
twice, however often executors die. At the end the job is closed, which checks that every row is accounted for.

  --mapping FILE     as for ils-map; without it the records have the fields' names already
  --work FOLDER      a folder that all machines share: rejects, manifest and job record (mode 0700)
  --partitions N     as many parts (INPUT's own number)
  --job ID           go on with this job; a new one without it
  --database URL     else DATABASE_URL
  --skip-duplicates, --update-existing
                     what becomes of records whose row is there already
  --csv              INPUT is CSV files

Duplicates among the input are found by the loaders, in the database: ils-validate sees one partition alone.
Exit status: 0 all well; 1 some records were refused; 75 a part was not loaded: run it again with --job; others as ils-jobs ends.
"""
import argparse
import itertools
import json
import os
import shlex
import shutil
import subprocess
import sys
import uuid


# No record: those begin with a brace.
END = "end"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("type")
    parser.add_argument("input")
    parser.add_argument("--mapping")
    parser.add_argument("--work", required=True)
    parser.add_argument("--partitions", type=int)
    parser.add_argument("--job", default=str(uuid.uuid4()))
    parser.add_argument("--database", default=os.environ.get("DATABASE_URL", ""))
    parser.add_argument("--skip-duplicates", action="store_true")
    parser.add_argument("--update-existing", action="store_true")
    parser.add_argument("--csv", action="store_true")
    return parser.parse_args()


def pipe_of(options):
    """The shell command that one partition's records go through, on whatever machine.

    1 (some records were refused) is no failure; anything above is, and so is a stage that was killed before it could
    say how it ended; then Spark runs the task again. Nothing is loaded of a partition that is not there to its end.
    Rejects appear under their names only once the whole pipe is through: of a task that was killed or run twice, one
    file counts.
    """
    work = shlex.quote(options.work)
    stages = []
    if options.mapping:
        stages.append(("map", f"ils-map --mapping {shlex.quote(options.mapping)}"))
    # The loaders know all partitions' keys; a single ils-validate does not.
    stages.append(("validate", f"ils-validate {shlex.quote(options.type)} --no-unique"))
    load = f"ils-load {shlex.quote(options.type)} --job {options.job} --part \"$part\" --outcomes none"
    load += " --skip-duplicates" if options.skip_duplicates else ""
    load += " --update-existing" if options.update_existing else ""
    stages.append(("load", load))
    run = " | ".join(
        f"{{ {command} --rejects \"$own/{name}.ndjson\" 2>> \"$own/{name}.log\"; echo $? > \"$own/{name}.status\"; }}"
        for name, command in stages)
    names = " ".join(name for name, _ in stages)
    # An older attempt of the same task may still be dying: its lock on the part makes the loader say "try again" (75).
    return f"""
set -u
umask 077
read -r part
own={work}/attempts/$part.$$
mkdir -p "$own"
cat > "$own/in"
if [ "$(tail -n 1 "$own/in")" != {END} ]; then echo "part $part: the partition was cut off" >&2; exit 75; fi
truncate -s -{len(END) + 1} "$own/in"
status_of() {{ cat "$own/$1.status" 2> /dev/null || echo 137; }}
for try in 1 2 3 4 5 6; do
  rm -f "$own"/*.status
  {{ {run}; }} < "$own/in" > "$own/out"
  [ "$(status_of load)" = 75 ] || break
  sleep "$try"
done
for stage in {names}; do
  status=$(status_of "$stage")
  if [ "$status" -gt 1 ]; then echo "part $part: ils-$stage: exit status $status: $(tail -n 1 "$own/$stage.log")" >&2; exit "$status"; fi
done
for stage in {names}; do
  [ ! -e "$own/$stage.ndjson" ] || mv -f "$own/$stage.ndjson" {work}/rejects/"$stage.$part.ndjson"
done
wc -l < "$own/in"
rm -rf "$own"
"""


def numbered(number, records):
    """A partition between its number, which names the part of the job, and a mark that says that all of it came."""
    return itertools.chain([f"{number:06d}"], records, [END])


def parsed(work):
    """One CSV file as records: ils-parse sees the whole file, so that quoted line feeds stay where they are."""
    def parse(paths):
        for path in paths:
            name = os.path.basename(path)
            process = subprocess.run(
                ["ils-parse", "--rejects", f"{work}/rejects/parse.{name}.ndjson", path], capture_output=True)
            if process.returncode > 1:
                raise RuntimeError(f"ils-parse {path}: {process.stderr.decode(errors='replace')[-500:]}")
            yield from process.stdout.decode().splitlines()
    return parse


def main():
    options = arguments()
    from py4j.protocol import Py4JError
    from pyspark import SparkContext

    os.umask(0o077)
    options.work = os.path.abspath(options.work)
    for folder in ("attempts", "rejects"):
        os.makedirs(f"{options.work}/{folder}", mode=0o700, exist_ok=True)
    context = SparkContext.getOrCreate()
    context.setLogLevel("ERROR")
    if options.csv:
        paths = sorted(os.path.join(options.input, name) for name in os.listdir(options.input)) if os.path.isdir(options.input) else [options.input]
        records = context.parallelize(paths, len(paths)).mapPartitions(parsed(options.work))
    else:
        records = context.textFile(options.input, options.partitions or 2)
    environment = {"DATABASE_URL": options.database, "PATH": os.environ["PATH"]}
    command = shlex.join(["bash", "-c", pipe_of(options)])
    piped = records.mapPartitionsWithIndex(numbered).pipe(command, {**os.environ, **environment}, True)
    try:
        counts = [int(line) for line in piped.collect()]
    except Py4JError:  # a task failed as often as Spark runs one; the tasks' own messages say why
        print(f"ils_spark: a part was not loaded (see above); what is loaded stays: go on with --job {options.job}", file=sys.stderr)
        sys.exit(75)

    rejects = sorted(os.path.join(options.work, "rejects", name) for name in os.listdir(f"{options.work}/rejects"))
    refused_by_parse = sum(sum(1 for _ in open(path)) for path in rejects if "/parse." in path)
    manifest = f"{options.work}/manifest.json"
    with open(manifest, "w") as file:
        table = {"rows": sum(counts) + refused_by_parse, "rejected": refused_by_parse}
        source = {"name": options.input, "bytes": 0, "sha256": "", "tables": [table]}
        json.dump({"manifest": 1, "tool": "ils_spark", **table, "files": [source]}, file)
    earlier = [argument for path in rejects if "/load." not in path for argument in ("--rejects-in", path)]
    closed = subprocess.run(
        ["ils-jobs", "close", "--manifest", manifest, *earlier, options.job], env={**os.environ, **environment}, capture_output=True, text=True)
    sys.stderr.write(closed.stderr)
    with open(f"{options.work}/job.json", "w") as file:
        file.write(closed.stdout)
    print(closed.stdout, end="")
    shutil.rmtree(f"{options.work}/attempts", ignore_errors=True)  # of killed tasks
    refused = any(os.path.getsize(path) for path in rejects)
    sys.exit(closed.returncode if closed.returncode > 1 else 1 if refused else 0)


if __name__ == "__main__":
    main()
