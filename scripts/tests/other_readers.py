"""Part of scripts/tests/other-readers: writes tables of dBase, and compares what ils-parse reads with dbfread and calamine."""
import datetime
import decimal
import json
import random
import re
import subprocess
import sys


def write(folder):
    """Tables of four kinds, in seven code pages, of 3 and of 60 records, some of them deleted."""
    import dbf
    random.seed(1)
    western = ["Zoë Müller", "Jürgen Groß", "François Côté", "Peña, José", "Smith", "  lead", "O'Brien \"x\""]
    eastern = ["Łukasz Żółć", "Świętosław", "Šimon Dvořák", "Smith"]
    cyrillic = ["Жора", "Елена Смирнова", "Smith"]
    pages = {"cp437": western, "cp850": western, "cp1252": western, "cp866": cyrillic, "cp1251": cyrillic,
             "cp852": eastern, "cp1250": eastern}
    for kind in ("db3", "vfp", "fp", "clp"):
        for page, texts in pages.items():
            for count in (3, 60):
                write_table(dbf, f"{folder}/{kind}_{page}_{count}.dbf", kind, page, count, texts)


def write_table(dbf, path, kind, page, count, texts):
    fields = "name C(30); num N(12,2); big N(12,0); born D; flag L; note M"
    table = dbf.Table(path, fields + ("; at T; cost Y; cnt I; dbl B" if kind == "vfp" else ""), codepage=page, dbf_type=kind)
    table.open(dbf.READ_WRITE)
    for i in range(count):
        record = {
            "name": texts[i % len(texts)], "num": None if i % 7 == 6 else round(random.uniform(-9999, 9999), 2),
            "big": random.randrange(10**10),
            "born": None if i % 5 == 4 else datetime.date(1930 + i % 90, 1 + i % 12, 1 + i % 28),
            "flag": [True, False, None][i % 3], "note": texts[i * 3 % len(texts)] * (1 + i % 40) if i % 4 else ""}
        if kind == "vfp":
            record["at"] = datetime.datetime(2001 + i % 20, 1 + i % 12, 1 + i % 28, i % 24, i % 60, i * 7 % 60) if i % 6 else None
            record["cost"] = round(random.uniform(-99999, 99999), 4)
            record["cnt"] = random.randrange(-2**31, 2**31)
            record["dbl"] = random.uniform(-1e6, 1e6)
        table.append({name: value for name, value in record.items() if value is not None})
    for i, record in enumerate(table):
        if i % 11 == 3:
            dbf.delete(record)
    table.close()


def moment(value):
    text = value.isoformat(timespec="milliseconds") if value.microsecond else value.isoformat()
    return text[:-9] if text.endswith("T00:00:00") else text


def plain(value):
    """A reader's value as ils-parse would write it."""
    if value is None or value == "" or isinstance(value, bool):
        return None if value == "" else value
    if isinstance(value, (int, float, decimal.Decimal)):
        return float(value)
    if isinstance(value, (datetime.datetime, datetime.time)):
        return moment(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        seconds, rest = divmod(round(value.total_seconds() * 1000), 1000)
        text = "%02d:%02d:%02d" % (seconds // 3600, seconds // 60 % 60, seconds % 60)
        return text + (".%03d" % rest if rest else "")
    return str(value)


def ours(*arguments):
    done = subprocess.run(["ils-parse", *arguments], capture_output=True, text=True)
    records = [] if done.returncode else [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, done.stderr.strip()[-200:], records


def cells_of_table(path):
    from dbfread import DBF
    status, said, records = ours(path)
    if status:
        print(f"{path}: ended with {status}: {said}")
        return
    expected = []
    for record in DBF(path, char_decode_errors="strict"):
        record = {name: value.rstrip(" \0") if isinstance(value, str) else value for name, value in record.items()}
        record = {name: plain(value) for name, value in record.items()}
        if any(value is not None for value in record.values()):
            expected.append(record)
    if len(records) != len(expected):
        print(f"{path}: {len(records)} records, dbfread has {len(expected)}")
    for got, want in zip(records, expected):
        for name, value in want.items():
            yield (got["_row"], name), plain(got[name]), value


def cells_of_book(path):
    from python_calamine import CalamineWorkbook
    try:
        book = CalamineWorkbook.from_path(path)
    except Exception as error:  # what calamine cannot open, ils-parse may refuse or read
        print(f"{path}: calamine: {str(error)[:60]}; ils-parse ended with {ours('--list-sheets', path)[0]}")
        return
    for index, name in enumerate(book.sheet_names):
        status, said, records = ours("--no-header", "--sheet", name, path)
        rows = book.get_sheet_by_index(index).to_python(skip_empty_area=False)
        if status:
            print(f"{path}[{name}]: ended with {status}: {said}")
            continue
        got = {(record["_row"], int(re.sub(r"\D", "", key))): value
               for record in records for key, value in record.items() if key != "_row"}
        want = {(y + 1, x + 1): value for y, row in enumerate(rows) for x, value in enumerate(row)}
        for place in sorted(set(got) | set(want)):
            value = got.get(place)
            if isinstance(value, str) and value.endswith("T00:00:00"):
                value = value[:-9]
            yield (name, *place), plain(value), plain(want.get(place))


def is_same(a, b):
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= 1e-12 * max(abs(a), abs(b))
    return type(a) is type(b) and a == b


def compare(paths):
    total = differ = 0
    for path in paths:
        shown = 0
        for place, got, want in (cells_of_table if path.endswith(".dbf") else cells_of_book)(path) or ():
            if got is None and want is None:
                continue
            total += 1
            if not is_same(got, want):
                differ += 1
                shown += 1
                if shown <= 4:
                    print(f"{path.split('/')[-1]} {place}: {got!r:.60} here, {want!r:.60} there")
    print(f"{len(paths)} files, {total} cells, {differ} differ")


if __name__ == "__main__":
    write(sys.argv[2]) if sys.argv[1] == "write" else compare(sys.argv[2:])
