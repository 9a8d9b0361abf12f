"""What undoing jobs must do, said simply: rows are stacks of writes. Imported by undo-model.

Who wrote a row last is on top of its stack. An undo takes its job's write off the top, and the columns that this had changed
are what they were; it deletes a row that nothing but its job has written. It never takes anything from under somebody else's
write, unless it is forced to.
"""

# Writers that are no jobs: a person, and an ALTER TABLE that wrote all rows anew, which hides who wrote them before.
PERSON, REWRITTEN = "person", "rewritten"


class Write:
    def __init__(self, who, before=None):
        """`before`: what the columns held that it changed; None where it made the row."""
        self.who, self.before = who, before


class Row:
    def __init__(self, table, key, values, who):
        self.table, self.key, self.values, self.id = table, key, values, None
        self.stack = [Write(who)]

    @property
    def top(self):
        return self.stack[-1]

    def write(self, who, changes):
        before = {column: self.values[column] for column in changes}
        self.values.update(changes)
        if self.top.who != who:
            self.stack.append(Write(who, before))
        elif self.top.before is not None:
            # A job that writes a row twice has found what its first write found.
            self.top.before = {**before, **self.top.before}

    def image(self, job):
        """The write of a job that others had made the row for; None where there is none."""
        return next((write for write in self.stack if write.who == job.id and write.before is not None), None)

    def is_made_by(self, job):
        return self.stack[0].who == job.id and self.stack[0].before is None

    def place(self, job):
        return next((place for place, write in enumerate(self.stack) if write.who == job.id), None)


class Job:
    def __init__(self, id, table, source, company):
        self.id, self.table, self.source, self.company = id, table, source, company
        self.inserted, self.images = set(), set()
        self.deleted, self.restored = 0, 0
        # Of all that it ever did; those above are what is not undone.
        self.made, self.changed = 0, 0
        self.is_undone, self.kept = False, 0

    @property
    def has_rows_left(self):
        return not self.is_undone or self.kept > 0


class Undone:
    """What an undo of one job answers with."""

    def __init__(self):
        self.deleted, self.restored, self.gone, self.lost = 0, 0, 0, set()
        # By the row's id and the side of the job that it is on.
        self.kept = {}


class Model:
    def __init__(self):
        # By their tables and ids; by their keys as long as the ids are not known.
        self.rows = {}
        self.jobs = []
        # The columns that are there, by what they were when they were made: a name may be another column's by now.
        self.columns = {}

    def of(self, table):
        return [row for row in self.rows.values() if row.table == table]

    def remember(self, job):
        """Notes what a load has done, once its rows have their ids."""
        self.jobs.append(job)
        job.inserted = {row.id for row in self.rows.values() if row.is_made_by(job)}
        job.images = {row.id for row in self.rows.values() if row.image(job)}
        job.made, job.changed = len(job.inserted), len(job.images)

    def is_pointed_at(self, row):
        return row.table == "people" and any(visit.values["person"] == row.id for visit in self.of("visits"))

    def undo(self, job, force):
        done = Undone()
        for row in list(self.of(job.table)):
            if (write := row.image(job)) is not None:
                done.lost |= {column for column in write.before if column not in row.values}
        for row in list(self.of(job.table)):
            self._restore(row, job, force, done)
        for row in list(self.of(job.table)):
            self._delete(row, job, force, done)
        here = {row.id for row in self.of(job.table)}
        done.gone = len((job.inserted | job.images) - here)
        job.is_undone, job.kept = True, len(done.kept)
        return done

    def _restore(self, row, job, force, done):
        write = row.image(job)
        if write is None:
            return
        if row.top is not write and not force:
            done.kept[row.id] = self._why(row)
            return
        row.values.update({column: value for column, value in write.before.items() if column in row.values})
        if row.top is write:
            row.stack.pop()
        else:  # from then on the row is what a person has made of it, for those below
            row.stack[row.stack.index(write)] = Write(PERSON, {})
        job.images.discard(row.id)
        job.restored += 1
        done.restored += 1

    def _delete(self, row, job, force, done):
        if not row.is_made_by(job):
            return
        if row.top.who != job.id and not force:
            done.kept[row.id] = self._why(row)
        elif self.is_pointed_at(row):
            done.kept[row.id] = "referenced"
        else:
            del self.rows[row.table, row.id]
            job.inserted.discard(row.id)
            job.deleted += 1
            done.deleted += 1

    def _why(self, row):
        return "rewritten" if row.top.who == REWRITTEN else "edited"

    def stand_on(self, job):
        """The jobs that have written rows of `job` since, or made rows that point at rows which it made."""
        found = []
        for other in self.jobs:
            if other is job or not other.has_rows_left:
                continue
            for row in self.rows.values():
                mine, theirs = row.place(job), row.place(other)
                if mine is not None and theirs is not None and theirs > mine:
                    found.append(other)
                elif row.table == "visits" and row.is_made_by(other):
                    person = self.rows.get(("people", row.values["person"]))
                    if person is not None and person.is_made_by(job):
                        found.append(other)
        return found

    def cascade(self, job):
        found = [job]
        for next_job in found:
            found += [other for other in dict.fromkeys(self.stand_on(next_job)) if other not in found]
        return [other for other in reversed(self.jobs) if other in found]
