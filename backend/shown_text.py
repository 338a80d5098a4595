"""The index of what learners read: the newest course of each repository, each text in the form that is read first.

It holds no text itself (SQLite FTS5, contentless): a row is taken out by the text that it was made of, which stands in
`docs` until then. `shownDocs` says which documents are in it.
"""

import re
import sqlite3
from dataclasses import dataclass
from typing import Final, Protocol

from backend.transaction import Snapshot
from course.layout import REVIEWED_DIR

WORDS_MAX: Final = 8
PREFIX_MIN: Final = 3  # shorter beginnings are those of nearly every text
# Words that say nothing beside others.
_EMPTY: Final = frozenset(
    """
    a an and are as at be by can do does for from has how if in into is it its no not of on or so that the their this
    to was what when where which who why will with you your
    au aux avec ce ces dans de des du elle en est et il la le les ne ou par pas pour que qui sa se ses sont sur un une
    """.split()  # noqa: SIM905 - a list of words is read as words
)
STEP_PAGES: Final = 256
MERGED: Final = 2  # fewer changes, says SQLite's documentation, and there was nothing left to merge
_MERGE: Final = "INSERT INTO shownText (shownText, rank) VALUES ('merge', ?)"
_WORD: Final = re.compile(r"\w+")
# The text that is read first: a chapter that was reviewed takes the place of its draft.
_SHOW: Final = """
    INSERT INTO shownDocs (docId, name)
    SELECT d._id, r.fullName FROM docs d JOIN repositories r ON r._id = d.repositoryId
    WHERE d.jobId = ?1 AND (
        d.kind = 'tutorial' OR d.kind = 'chapter' AND (
            d.slug LIKE ?2 || '/%' OR NOT EXISTS (
                SELECT 1 FROM docs other
                WHERE other.jobId = ?1 AND other.slug = ?2 || substr(d.slug, instr(d.slug, '/'))
            )
        )
    ) ORDER BY d.rowid
"""
_ADD: Final = """
    INSERT INTO shownText (rowid, name, title, content) SELECT s.id, s.name, d.title, d.content
    FROM shownDocs s JOIN docs d ON d._id = s.docId WHERE d.jobId = ?
"""
_TAKE_OUT: Final = """
    INSERT INTO shownText (shownText, rowid, name, title, content) SELECT 'delete', s.id, s.name, d.title, d.content
    FROM shownDocs s JOIN docs d ON d._id = s.docId WHERE d.jobId = ?
"""
_HIDE: Final = """
    DELETE FROM shownDocs WHERE id IN (
        SELECT s.id FROM shownDocs s JOIN docs d ON d._id = s.docId WHERE d.jobId = ?
    )
"""
# What is in the name of a repository or in a title weighs more than what is in the text. The best are chosen first, and
# only for them is looked up what belongs to them.
FOUND: Final = """
    SELECT d.jobId, d.repositoryId, r.fullName, d.slug, d.title, d.kind, d.content
    FROM (
        SELECT rowid AS id, bm25(shownText, 4.0, 8.0, 1.0) AS place FROM shownText WHERE shownText MATCH ?
        ORDER BY place, id LIMIT ?
    ) best
    JOIN shownDocs s ON s.id = best.id JOIN docs d ON d._id = s.docId JOIN repositories r ON r._id = d.repositoryId
    ORDER BY best.place, best.id
"""
"""The statement that finds documents, the best first; its parameters are a query and how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Statements that find the documents of a query: those with all of its words, those with any."""

    all_words: str
    any_word: str


class Statements(Protocol):
    """Whatever runs statements: a transaction, or a connection without one of ours."""

    def execute(self, sql: str, parameters: tuple[object, ...] = ..., /) -> sqlite3.Cursor:
        """Run a statement."""


def show(db: Statements, job_id: str) -> None:
    """Add a job's course."""
    db.execute(_SHOW, (job_id, REVIEWED_DIR))
    db.execute(_ADD, (job_id,))


def forget(db: Statements, job_id: str) -> None:
    """Take a job's course out, before its documents go; there may be none."""
    db.execute(_TAKE_OUT, (job_id,))
    db.execute(_HIDE, (job_id,))


def show_all(db: Statements) -> None:
    """Add every course to an empty index."""
    for (job_id,) in db.execute(
        "SELECT _id FROM jobs WHERE status = 'completed' AND docsCount > 0 ORDER BY rowid"
    ).fetchall():
        show(db, job_id)


def begin_compaction(db: Statements) -> None:
    """Begin to write the index anew, without what was taken out of it; `compact` goes on, a step at a time."""
    db.execute(_MERGE, (-STEP_PAGES,))
    db.execute("UPDATE shownUpkeep SET isDue = 1")


def is_compaction_due(snapshot: Snapshot) -> bool:
    """Return whether what was taken out may still be in the file."""
    ((due,),) = snapshot.scalars("SELECT isDue FROM shownUpkeep", (), tag="")
    return bool(due)


def compact(db: Statements) -> None:
    """Go on writing the index anew, for as many pages as take a moment."""
    before = _changes(db)
    db.execute(_MERGE, (STEP_PAGES,))
    if _changes(db) - before < MERGED:
        db.execute("UPDATE shownUpkeep SET isDue = 0")


def _changes(db: Statements) -> int:
    """How many rows were changed since the database was opened."""
    changed: int = db.execute("SELECT total_changes()").fetchone()[0]
    return changed


def query_of(text: str) -> Query | None:
    """Return how to ask for a text's words, each by its beginning where that is long enough; None where it has none."""
    words = list(dict.fromkeys(word.lower() for word in _WORD.findall(text)))
    telling = [word for word in words if word not in _EMPTY] or words
    terms = [f'"{word}"' + ("*" if len(word) >= PREFIX_MIN else "") for word in telling][:WORDS_MAX]
    return Query(all_words=" ".join(terms), any_word=" OR ".join(terms)) if terms else None
