"""Databases and sessions of tests that are written in Python: imported by side-by-side and undo-model."""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def find_tools():
    """Puts the tools first in PATH: those of ILS_BIN, or those that were built here."""
    built = [folder for folder in (os.environ.get("ILS_BIN"), ROOT + "/.build/release", ROOT + "/.build/debug")
             if folder and os.path.exists(folder + "/ils-load")]
    os.environ["PATH"] = ":".join(built[:1] + [os.environ["PATH"]])


def make_database(name):
    """The URL of an empty database of the private server, with the target tables and the toolkit's own."""
    made = subprocess.run([ROOT + "/scripts/lib/database", name], capture_output=True, text=True)
    if made.returncode:
        sys.exit(made.stderr)
    return made.stdout.strip()


class Session:
    """A session that stays open, as an application's does."""

    def __init__(self, url):
        self.psql = subprocess.Popen(["psql", "-XAtq", "-F", "\t", url], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT, text=True, bufsize=1)

    def say(self, sql):
        """Runs statements; the lines that they answer with. Raises where the server refuses one."""
        self.psql.stdin.write(sql + ";\n\\echo .\n")
        self.psql.stdin.flush()
        lines = []
        while (line := self.psql.stdout.readline()) not in (".\n", ""):
            lines.append(line.rstrip("\n"))
        if any(line.startswith(("ERROR", "FATAL")) for line in lines):
            raise RuntimeError(lines)
        return lines

    def close(self):
        self.psql.stdin.close()
        self.psql.wait()
