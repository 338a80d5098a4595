"""The index of what learners read: the newest course of each repository, each text in the form that is read first.

It holds no text itself (SQLite FTS5, contentless): a row is taken out by the text that it was made of, which stands in
`docs` until then. `shownDocs` says which documents are in it.
"""

import re
import sqlite3
from dataclasses import dataclass
from typing import Final

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
    WHERE d.jobId = :job AND (
        d.kind = 'tutorial' OR d.kind = 'chapter' AND (
            d.slug LIKE :reviewed || '/%' OR NOT EXISTS (
                SELECT 1 FROM docs other
                WHERE other.jobId = :job AND other.slug = :reviewed || substr(d.slug, instr(d.slug, '/'))
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


def show(connection: sqlite3.Connection, job_id: str) -> None:
    """Add a job's course."""
    connection.execute(_SHOW, {"job": job_id, "reviewed": REVIEWED_DIR})
    connection.execute(_ADD, (job_id,))


def forget(connection: sqlite3.Connection, job_id: str) -> None:
    """Take a job's course out, before its documents go; there may be none."""
    connection.execute(_TAKE_OUT, (job_id,))
    connection.execute(_HIDE, (job_id,))


def show_all(connection: sqlite3.Connection) -> None:
    """Add every course to an empty index."""
    for (job_id,) in connection.execute(
        "SELECT _id FROM jobs WHERE status = 'completed' AND docsCount > 0 ORDER BY rowid"
    ).fetchall():
        show(connection, job_id)


def begin_compaction(connection: sqlite3.Connection) -> None:
    """Begin to write the index anew, without what was taken out of it; `compact` goes on, a step at a time."""
    connection.execute(_MERGE, (-STEP_PAGES,))
    connection.execute("UPDATE shownUpkeep SET isDue = 1")


def is_compaction_due(connection: sqlite3.Connection) -> bool:
    """Return whether what was taken out may still be in the file."""
    return bool(connection.execute("SELECT isDue FROM shownUpkeep").fetchone()[0])


def compact(connection: sqlite3.Connection) -> None:
    """Go on writing the index anew, for as many pages as take a moment."""
    before = connection.total_changes
    connection.execute(_MERGE, (STEP_PAGES,))
    if connection.total_changes - before < MERGED:
        connection.execute("UPDATE shownUpkeep SET isDue = 0")


def query_of(text: str) -> Query | None:
    """Return how to ask for a text's words, each by its beginning where that is long enough; None where it has none."""
    words = list(dict.fromkeys(word.lower() for word in _WORD.findall(text)))
    telling = [word for word in words if word not in _EMPTY] or words
    terms = [f'"{word}"' + ("*" if len(word) >= PREFIX_MIN else "") for word in telling][:WORDS_MAX]
    return Query(all_words=" ".join(terms), any_word=" OR ".join(terms)) if terms else None
