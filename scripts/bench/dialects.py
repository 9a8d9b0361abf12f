"""Part of scripts/bench/dialects: writes the files, has each program read them, and counts what came of it."""
import csv
import json
import random
import subprocess
import sys
import warnings

FIRST = "Ada Ben Cleo Dov Eli Fay Gus Hua Ivo Jan Kai Lea".split()
LAST = "Vogt Kern Lang Falk Wirth O'Dell Moss Reyes Quist Stein".split()
TOWN = "Ulm Ely Bath Bonn York Lund".split()


def people(count, seed):
    pick = random.Random(seed)
    for number in range(count):
        yield {
            "Chart": f"{pick.randrange(10**5):05}", "Last": pick.choice(LAST), "First": pick.choice(FIRST),
            "Born": f"19{pick.randrange(40, 99)}-0{pick.randrange(1, 9)}-1{pick.randrange(9)}",
            "Sphere": f"{pick.choice('+-')}{pick.randrange(6)}.{pick.choice(['00', '25', '50', '75'])}", "Town": pick.choice(TOWN),
        }


def quoted(cell, quote='"', escape=None):
    return quote + cell.replace(quote, (escape or quote) + quote) + quote


def plain(delimiter):
    def cell(text):
        return quoted(text) if any(c in text for c in (delimiter, '"', "\n")) else text

    return lambda rows: [delimiter.join(map(cell, row)) for row in rows]


def table(rows, fields):
    return [fields] + [[row[field] for field in fields] for row in rows]


def decimal(row):
    return {**row, "Sphere": row["Sphere"].replace(".", ",")}


def named(row):
    return {"Patient": f"{row['Last']}, {row['First']}", "Born": row["Born"], "Town": row["Town"]}


USUAL = ["Chart", "Last", "First", "Born", "Sphere", "Town"]


def dialects(people):
    """name -> (text, the records that are meant)"""
    rows = list(people)

    def usual(delimiter, change=lambda row: row, fields=USUAL, end="\n", head="", tail="", write=None):
        changed = [change(row) for row in rows]
        lines = (write or plain(delimiter))(table(changed, fields))
        return head + end.join(lines) + end + tail, [{f: row[f] for f in fields} for row in changed]

    for label, delimiter in [("comma", ","), ("semicolon", ";"), ("tab", "\t"), ("pipe", "|"), ("caret", "^"), ("tilde", "~")]:
        yield label, usual(delimiter)
    for label, delimiter in [("semicolon", ";"), ("tab", "\t"), ("pipe", "|")]:
        yield f"{label}, decimal commas", usual(delimiter, decimal)
        yield f"{label}, Last, First", usual(delimiter, named, ["Patient", "Born", "Town"])
    yield "semicolon, nothing but decimal commas", usual(
        ";", lambda r: {"R": decimal(r)["Sphere"], "L": decimal(r)["Sphere"]}, ["R", "L"])
    yield "comma, lists of semicolons in cells", usual(",", lambda r: {**r, "Town": "H52.1;H52.2;H04.1"})
    yield "comma, lists of pipes in cells", usual(",", lambda r: {**r, "Town": "a|b|c|d"})
    yield "every cell quoted", usual(",", write=lambda t: [",".join(map(quoted, row)) for row in t])
    yield "quotes inside, doubled", usual(",", lambda r: {**r, "Town": f'the "{r["Town"]}" branch, {r["First"]}'})
    yield "quotes inside, behind backslashes", usual(
        ",", lambda r: {**r, "Town": f'the "{r["Town"]}" branch'},
        write=lambda t: [",".join(quoted(c, escape="\\") for c in row) for row in t])
    yield "apostrophes as quotes", usual(
        ",", lambda r: {**r, "Last": r["Last"].replace("'", ""), "Town": r["Town"] + ", north"},
        write=lambda t: [",".join(quoted(c, "'") for c in row) for row in t])
    yield "spaces in front of quotes", usual(
        ",", lambda r: {**r, "Town": r["Town"] + ", north"},
        write=lambda t: [", ".join(quoted(c) for c in row) for row in t])
    yield "cells of several lines", usual(",", lambda r: {**r, "Town": r["Town"] + "\n2nd floor, left"})
    yield "a quote that is not doubled", usual(
        ",", lambda r: {**r, "Town": f'the "{r["Town"]}" one'},
        write=lambda t: [",".join('"' + c + '"' for c in row) for row in t])
    yield "CRLF", usual(",", end="\r\n")
    yield "CR", usual(";", end="\r")
    yield "a byte order mark", usual(",", head="\ufeff")
    yield "no final line end", (lambda t, r: (t[:-1], r))(*usual(","))
    yield "sep=", usual(";", head="sep=;\n")
    yield "sep= and a title", usual(";", head="sep=;\nRecall list\n\n")
    yield "a title", usual(",", head="Patients of 2026\n")
    yield "a title, padded", usual(",", head="Patients of 2026,,,,,\n,,,,,\n")
    yield "a title with a comma", usual(",", head="Eye Centre North, Ulm\n")
    yield "notes of two cells", usual(",", head="Branch,Ulm,,,,\nPrinted,2026-11-27,,,,\n\n")
    yield "names of groups", usual(",", head="Patient,,,,Eye,\n")
    yield "remarks with #", usual(",", head="# made on Monday, by Ada\n#\n")
    yield "a delimiter behind each row", usual(
        ",", write=lambda t: [",".join(t[0])] + [",".join(row) + "," for row in t[1:]])
    yield "a delimiter behind names and rows", usual(",", write=lambda t: [",".join(row) + "," for row in t])
    yield "empty lines between rows", usual(",", write=lambda t: [line + "\n" for line in plain(",")(t)])
    yield "the last column mostly empty", usual(
        ",", lambda r: {**r, "Town": r["Town"] if r["Town"] == "Ely" else ""}, USUAL)
    yield "one column of text", usual(
        ",", lambda r: {"Remarks": f"red, {r['Town']}, itchy" if r["Town"] < "L" else "dry, sore"}, ["Remarks"],
        write=lambda t: [row[0] for row in t])
    yield "no names", (plain(",")(table(rows, USUAL)), [])  # replaced below: what is meant are rows
    yield "names that start with digits", usual(
        ",", lambda r: {"1st name": r["First"], "2nd name": r["Last"], "3rd": r["Sphere"]}, ["1st name", "2nd name", "3rd"])


def meant(text, records, label):
    if label == "no names":
        lines = text[1:]
        return "\n".join(lines) + "\n", [dict(enumerate(next(csv.reader([line])))) for line in lines]
    return text, records


def values(records):
    return [list(record.values()) for record in records]


def judge(found, truth, label):
    """Whether names and values are those that were written; a column without a name and with nothing in it is none."""
    names = lambda record: [k for k, v in record.items() if not (str(k).startswith("column") and v in ("", None))]
    if label == "no names":
        return values(found) == values(truth)
    kept = [{k: record[k] for k in names(record)} for record in found]
    return kept == truth


def ils(path, truth, label):
    run = subprocess.run(["ils-parse", "--log-format", "json", path], capture_output=True, check=False)
    found = [{k: v for k, v in json.loads(line).items() if k != "_row"} for line in run.stdout.splitlines()]
    if run.returncode == 0 and judge(found, truth, label):
        return "right"
    if run.returncode > 1:
        return "asked"
    if run.returncode == 1:
        keys = [json.dumps(record, sort_keys=True) for record in truth]
        return "asked" if all(json.dumps(record, sort_keys=True) in keys for record in found) else "silent"
    told = [json.loads(line) for line in run.stderr.splitlines() if line.startswith(b"{")]
    return "told" if any(entry.get("level") == "warning" for entry in told) else "silent"


def sniffer(module):
    def read(path, truth, label):
        with open(path, newline="", encoding="utf-8-sig") as file:
            text = file.read()
        try:
            dialect = module.Sniffer().sniff(text[:65536])
            if dialect is None:
                return "asked"
            rows = [row for row in module.reader(text.splitlines(keepends=True), dialect) if row]
            has_header = module.Sniffer().has_header(text[:65536])
        except Exception:
            return "asked"
        if not has_header:
            return "right" if label == "no names" and rows == values(truth) else "silent"
        found = [dict(zip(rows[0], row)) if len(row) == len(rows[0]) else {"": row} for row in rows[1:]]
        return "right" if judge(found, truth, label) else "silent"

    return read


def duck(connection):
    def read(path, truth, label):
        try:
            result = connection.execute("from read_csv(?, all_varchar = true)", [path])
            names = [column[0] for column in result.description]
            found = [{n: v or "" for n, v in zip(names, row)} for row in result.fetchall()]
        except Exception:
            return "asked"
        return "right" if judge(found, truth, label) else "silent"

    return read


def readers():
    yield "ils-parse", ils
    yield "csv.Sniffer", sniffer(csv)
    try:
        import clevercsv

        yield "clevercsv", sniffer(clevercsv)
    except ImportError:
        print("clevercsv: left out")
    try:
        import duckdb

        yield "duckdb", duck(duckdb.connect())
    except ImportError:
        print("duckdb: left out")


def main():
    folder, show = sys.argv[1], "--show" in sys.argv
    warnings.simplefilter("ignore")
    outcomes = ["right", "asked", "told", "silent"]
    programs = dict(readers())
    counts = {program: dict.fromkeys(outcomes, 0) for program in programs}
    files = 0
    for size in (5, 50, 500):
        for label, (text, records) in dialects(people(size, size)):
            text, truth = meant(text, records, label)
            files += 1
            path = f"{folder}/{files}.csv"
            with open(path, "w", newline="", encoding="utf-8") as file:
                file.write(text)
            for program, read in programs.items():
                outcome = read(path, truth, label)
                counts[program][outcome] += 1
                if show and outcome != "right" and program == "ils-parse":
                    print(f"{program}: {outcome}: {label}, {size} rows")
    print(f"{files // 3} dialects, {files} files")
    print(f"{'':12}" + "".join(f"{outcome:>8}" for outcome in outcomes))
    for program, count in counts.items():
        print(f"{program:12}" + "".join(f"{count[outcome]:8}" for outcome in outcomes))
    return 1 if counts["ils-parse"]["silent"] else 0


sys.exit(main())
