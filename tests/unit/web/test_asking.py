"""A question about a course: its own passages answer, the right one first, each with a citation; nothing is made up."""

import re

import pytest

from course.cited_sources import sources_document
from course.documents import Document
from course.rows import JobId
from tests.unit.web.visitor import Visitor, chapter, tutorial
from web.asking import PASSAGES_MAX, QUESTION_MAX, passages
from web.outline import Entry

SENDING = """\
> Calls are sent once.
>
> — `src/send.py#L1`

## Retries

> A call that failed is tried again, and each pause doubles.
>
> — `src/retry.py#L2`

See [the exercise](../tutorials/tutorial_0_sending.md).

```python src/retry.py#L2
# not a heading
retry(times=3)
```

## Timeouts

> A call ends when its time is over (`src/time.py#L1`).

## Uncited

Everything about pauses between retries, retried and retrying, without a citation.

## Check yourself

**1.** When is a call tried again?

<details><summary>Answer</summary>

After its pause (`src/retry.py#L2`).

</details>
"""


def entries(*texts: Document) -> list[Entry]:
    return [Entry(document=text, name=text.title, number=number) for number, text in enumerate(texts, 1)]


def headings(question: str, *texts: Document) -> list[str]:
    known = texts or (chapter(0, "Sending", SENDING),)
    return [passage.section.heading for passage in passages(entries(*known), question, "en")]


@pytest.mark.parametrize(
    "question",
    ["retry", "How do I retry a call?", "when are calls RETRIED, and with which pauses?", "retrying\n\nfailed"],
)
def test_the_passage_that_deals_with_it_comes_first(question: str) -> None:
    assert headings(question)[0] == "Retries"


def test_what_cites_nothing_and_what_asks_itself_answers_nothing() -> None:
    found = headings("pauses between retries")
    assert "Uncited" not in found
    assert "Check yourself" not in found


@pytest.mark.parametrize("question", ["", "?", "how do I", "zebra", "重试", "' OR 1=1 --", "\x00", "( [ *"])
def test_what_the_course_does_not_deal_with_has_no_answer(question: str) -> None:
    assert headings(question) == []


def test_answers_are_few_and_long_questions_are_cut() -> None:
    many = [chapter(number, f"Part {number}", f"> Pauses.\n>\n> — `a.py#L{number + 1}`") for number in range(30)]
    assert len(headings("pauses", *many)) == PASSAGES_MAX
    assert headings("x " * QUESTION_MAX + "retry") == []


def test_a_french_course_is_asked_in_french() -> None:
    text = chapter(0, "Envois", "## Reprises\n\n> Les appels sont relancés.\n>\n> — `a.py#L1`")
    [passage] = passages(entries(text), "Comment relancer un appel ?", "fr")
    assert passage.section.heading == "Reprises"


@pytest.fixture
def published(visitor: Visitor) -> JobId:
    texts = [chapter(0, "Sending", SENDING), tutorial(0, "Sending")]
    kept = sources_document(texts, {"src/retry.py": ("import time", "def retry(): ...")}.get)
    assert kept is not None
    return visitor.publish([*texts, kept])


def test_the_page_shows_passages_with_links_that_lead_from_it(visitor: Visitor, published: JobId) -> None:
    base = f"/courses/{published}/"
    assert f'action="{base}ask"' in visitor.get(base).text
    page = visitor.get(f"{base}ask?q=how+are+calls+retried").text
    slug = "reviewed-chapters/chapter_0_sending.md"
    assert f'<a href="{base}{slug}#s-retries">Sending · Retries</a>' in page
    assert "each pause doubles" in page
    assert f'href="{base}source/src/retry.py?lines=2' in page
    assert 'href="tutorials/tutorial_0_sending.md"' in page
    assert visitor.get(f"{base}tutorials/tutorial_0_sending.md").status_code == 200
    assert re.search(r'value="how are calls retried"', page)


def test_a_question_without_an_answer_says_so_and_markup_in_it_is_text(visitor: Visitor, published: JobId) -> None:
    page = visitor.get(f"/courses/{published}/ask", accept_language="en")
    assert "nothing is made up" in page.text
    hostile = visitor.get(f"/courses/{published}/ask?q=%3Cscript%3Ealert(1)%3C/script%3E").text
    assert "<script>alert" not in hostile
    assert "The course says nothing on that." in hostile
    assert visitor.get(f"/courses/{published}/ask?q={'retry+' * 2000}").status_code == 200
