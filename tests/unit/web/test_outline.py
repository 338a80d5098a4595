from course.documents import Document, DocumentKind
from tests.unit.web.visitor import chapter, reference, tutorial
from web.outline import display_name, outline


def test_chapter_10_comes_after_chapter_2() -> None:
    made = outline([chapter(10, "Ten"), chapter(2, "Two"), chapter(1, "One")])
    assert [entry.name for entry in made.chapters] == ["One", "Two", "Ten"]


def test_an_older_deployments_lexical_positions_are_not_believed() -> None:
    documents = [
        Document(
            slug=f"chapters/chapter_{n}_x.md", title="x", kind=DocumentKind.CHAPTER, content=f"# C{n}", chapter_index=at
        )
        for at, n in enumerate([0, 1, 10, 2])
    ]
    assert [entry.name for entry in outline(documents).chapters] == ["C0", "C1", "C2", "C10"]


def test_without_a_number_in_the_name_the_position_decides() -> None:
    documents = [
        Document(
            slug=f"chapters/{name}.md", title=name, kind=DocumentKind.CHAPTER, content=f"# {name}", chapter_index=at
        )
        for at, name in ((1, "alpha"), (0, "beta"))
    ]
    assert [entry.name for entry in outline(documents).chapters] == ["beta", "alpha"]


def test_a_chapter_is_listed_once_reviewed_first_with_its_draft() -> None:
    made = outline([chapter(0, "One", folder="chapters"), chapter(0, "One"), chapter(1, "Two", folder="chapters")])
    one, two = made.chapters
    assert one.main.slug == "reviewed-chapters/chapter_0_one.md"
    assert one.draft is not None
    assert one.draft.slug == "chapters/chapter_0_one.md"
    assert two.main.slug == "chapters/chapter_1_two.md"
    assert two.draft is None


def test_a_heading_inside_a_code_fence_is_no_title() -> None:
    text = "```python\n# Type checking\n```\n\n# Real title\n"
    document = Document(slug="chapters/chapter_0_x.md", title="Type checking", kind=DocumentKind.CHAPTER, content=text)
    assert display_name(document) == "Real title"


def test_without_a_heading_the_file_names_the_chapter() -> None:
    text = "```python\n# Type checking\n```\n"
    document = Document(
        slug="chapters/chapter_3_the_http_client.md", title="?", kind=DocumentKind.CHAPTER, content=text
    )
    assert display_name(document) == "the http client"


def test_tutorials_belong_to_their_chapters() -> None:
    made = outline([chapter(0, "One"), chapter(1, "Two"), tutorial(1, "Two")])
    assert made.chapters[0].tutorial is None
    assert made.chapters[1].tutorial is not None
    assert made.chapters[1].tutorial.name == "Two"


def test_neighbours_follow_teaching_order_and_a_draft_stands_where_its_chapter_does() -> None:
    made = outline([chapter(n, f"C{n}") for n in (0, 1, 2)] + [chapter(1, "C1", folder="chapters")])
    for slug in ("reviewed-chapters/chapter_1_c1.md", "chapters/chapter_1_c1.md"):
        before, after = made.neighbours(slug)
        assert before is not None
        assert after is not None
        assert (before.name, after.name) == ("C0", "C2")
    assert made.neighbours("reviewed-chapters/chapter_0_c0.md")[0] is None


def test_references_of_any_shape_do_no_harm() -> None:
    for content in ("", "[]", "{", '{"commit": 3, "summary": [1]}', "null", "[" * 5000):
        made = outline([reference("step2_relationships.yaml", content)])
        assert (made.commit, made.summary) == ("", "")
