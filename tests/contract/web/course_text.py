"""A small course in the contract's format, and the texts that try to break out of it."""

import json
from typing import Final

COMMIT: Final = "0123456789abcdef0123456789abcdef01234567"

DIAGRAM: Final = """```mermaid
flowchart LR
    a["Client"] -->|"sends"| b["Server"]
```
"""
SEQUENCE: Final = """```mermaid
sequenceDiagram
    Client->>Server: request
    Server-->>Client: answer
```
"""
BROKEN: Final = """```mermaid
flowchart LR
    this is -- no diagram ==>
```
"""


def chapter(index: int, name: str, text: str, *, reviewed: bool = True) -> dict[str, object]:
    folder, prefix = ("reviewed-chapters", "Reviewed: ") if reviewed else ("chapters", "")
    return {
        "slug": f"{folder}/chapter_{index}_{name.lower()}.md",
        "title": f"{prefix}Chapter {index + 1}: {name}",
        "kind": "chapter",
        "content": f"# Chapter {index + 1}: {name}\n\n{text.rstrip()}\n",
        "chapterIndex": float(index),
    }


def course() -> list[dict[str, object]]:
    relationships = {"summary": "How **requests** travel.", "commit": COMMIT, "relationships": []}
    client = (
        "See `src/client.py#L1-L2` and [the server](chapter_10_server.md).\n\n"
        f"## Picture\n\n{DIAGRAM}\n{SEQUENCE}\n{BROKEN}\n"
        "## Code\n\n```python src/client.py#L1-L2\ndef send(request):\n    return request  # a long line "
        f"{'and longer ' * 20}\n```\n\n| a | b |\n|---|---|\n| {'wide ' * 30} | {'w' * 200} |\n"
    )
    return [
        {
            "slug": "step2_relationships.yaml",
            "title": "Relationships",
            "kind": "yaml",
            "content": json.dumps(relationships),
        },
        chapter(2, "Client", client, reviewed=False),
        chapter(2, "Client", client),
        chapter(10, "Server", "Text.\n\n```sh\n# a comment\n```\n"),
        {
            "slug": "tutorials/tutorial_2_client.md",
            "title": "Tutorial: Client",
            "kind": "tutorial",
            "content": "# Interactive Tutorial: Client\n\n[Back](../reviewed-chapters/chapter_2_client.md)\n",
            "chapterIndex": 0.0,
        },
    ]


def _with_alert(template: str) -> str:
    return template.replace("ALERT", "window.top.hacked=1;alert(1)")


# Written down from the well-known classes: raw tags, handlers, URL schemes, breaking out of attributes and of code,
# Markdown constructs, SVG and MathML, entities, templates, directives of the diagram language.
PAYLOADS: Final = tuple(
    _with_alert(text)
    for text in (
        "<script>ALERT</script>",
        "<ScRiPt>ALERT</sCrIpT>",
        "<script src=data:,ALERT></script>",
        "<scr<script>ipt>ALERT</scr</script>ipt>",
        "<script>ALERT//",
        "<img src=x onerror=ALERT>",
        "<img src=x onerror='ALERT'>",
        '<img src="x" onerror="ALERT">',
        "<img/src=x/onerror=ALERT>",
        "<IMG SRC=x ONERROR=ALERT>",
        '<img src=`x`onerror="ALERT">',
        "<svg onload=ALERT>",
        "<svg><script>ALERT</script></svg>",
        "<svg><animate onbegin=ALERT attributeName=x dur=1s>",
        '<svg><a xlink:href="javascript:ALERT"><text x=20 y=20>x</text></a></svg>',
        "<svg><foreignObject><body onload=ALERT></foreignObject></svg>",
        '<svg><use href="data:image/svg+xml,<svg id=x onload=ALERT />#x"/></svg>',
        "<math><mtext><table><mglyph><style><img src=x onerror=ALERT></style></mglyph></table></mtext></math>",
        '<math href="javascript:ALERT">x</math>',
        "<body onload=ALERT>",
        '<iframe src="javascript:ALERT"></iframe>',
        '<iframe srcdoc="<script>ALERT</script>"></iframe>',
        '<object data="javascript:ALERT"></object>',
        '<embed src="javascript:ALERT">',
        '<link rel=stylesheet href="javascript:ALERT">',
        '<meta http-equiv=refresh content="0;url=javascript:ALERT">',
        '<base href="javascript:ALERT//">',
        "<style>@import 'javascript:ALERT';</style>",
        '<div style="background:url(javascript:ALERT)">x</div>',
        "<details open ontoggle=ALERT>x</details>",
        "<input autofocus onfocus=ALERT>",
        "<select autofocus onfocus=ALERT>",
        "<textarea autofocus onfocus=ALERT>",
        "<video><source onerror=ALERT></video>",
        "<audio src=x onerror=ALERT>",
        "<marquee onstart=ALERT>x</marquee>",
        '<form action="javascript:ALERT"><button autofocus>x</button></form>',
        '<button formaction="javascript:ALERT">x</button>',
        '<a href="javascript:ALERT">x</a>',
        '<a href="jAvAsCrIpT:ALERT">x</a>',
        '<a href="java\tscript:ALERT">x</a>',
        '<a href="&#106;avascript:ALERT">x</a>',
        '<a href="data:text/html,<script>ALERT</script>">x</a>',
        "[x](javascript:ALERT)",
        "[x](JAVASCRIPT:ALERT)",
        "[x](<javascript:ALERT>)",
        "[x](&#x6A;avascript:ALERT)",
        "[x](java&Tab;script:ALERT)",
        "[x](vbscript:ALERT)",
        "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
        "[x]: javascript:ALERT\n\n[x]",
        "<javascript:ALERT>",
        '[x](https://example.org "onmouseover=ALERT x=")',
        "[x](https://example.org/'onmouseover='ALERT)",
        '[x](https://example.org/"onmouseover="ALERT)',
        "![x](javascript:ALERT)",
        '![x" onerror="ALERT](x.png)',
        '![x](x" onerror="ALERT)',
        '```"><img src=x onerror=ALERT>\ncode\n```',
        '```python src/a.py#L1"onmouseover=ALERT\ncode\n```',
        "```html\n</code></pre><script>ALERT</script>\n```",
        "`</code><script>ALERT</script>`",
        '`a"><img src=x onerror=ALERT>.py#L3`',
        "# <img src=x onerror=ALERT>",
        '## "><svg onload=ALERT>',
        "| <img src=x onerror=ALERT> |\n|---|\n| <script>ALERT</script> |",
        "> <script>ALERT</script>",
        "- <img src=x onerror=ALERT>",
        "<!--><img src=x onerror=ALERT>-->",
        "<![CDATA[><script>ALERT</script>]]>",
        "<?xml-stylesheet href='javascript:ALERT'?>",
        "<noscript><p title='</noscript><img src=x onerror=ALERT>'></noscript>",
        "<template><img src=x onerror=ALERT></template>",
        "{{ constructor.constructor('ALERT')() }}",
        "${ALERT}",
        "%3Cscript%3EALERT%3C/script%3E",
        "\u2028<script>ALERT</script>",
        "\x00<scr\x00ipt>ALERT</script>",
    )
)

DIAGRAM_PAYLOADS: Final = tuple(
    "```mermaid\n" + _with_alert(text) + "\n```\n"
    for text in (
        'flowchart LR\n    a["<img src=x onerror=ALERT>"] --> b["<script>ALERT</script>"]',
        'flowchart LR\n    a --> b\n    click a "javascript:ALERT" "x"',
        "flowchart LR\n    a --> b\n    click a call alert(1)",
        'flowchart LR\n    a --> b\n    click a href "javascript:ALERT"',
        (
            "%%{init: {'securityLevel': 'loose', 'htmlLabels': true}}%%\n"
            'flowchart LR\n    a["<img src=x onerror=ALERT>"] --> b'
        ),
        "%%{init: {'themeCSS': '</style><script>ALERT</script>'}}%%\nflowchart LR\n    a --> b",
        "%%{init: {'fontFamily': '\\\"></style><img src=x onerror=ALERT>'}}%%\nflowchart LR\n    a --> b",
        "sequenceDiagram\n    participant A as <img src=x onerror=ALERT>\n    A->>B: $$<script>ALERT</script>$$",
        "sequenceDiagram\n    participant A\n    link A: x @ javascript:ALERT\n    A->>B: x",
        'classDiagram\n    class A\n    link A "javascript:ALERT" "x"',
        "stateDiagram-v2\n    s1 : <img src=x onerror=ALERT>\n    [*] --> s1",
        "gantt\n    title <img src=x onerror=ALERT>\n    section <script>ALERT</script>\n    a: 2024-01-01, 1d",
        'pie title <img src=x onerror=ALERT>\n    "<script>ALERT</script>" : 1',
        '---\ntitle: "<img src=x onerror=ALERT>"\nconfig:\n  securityLevel: loose\n---\nflowchart LR\n    a --> b',
        'erDiagram\n    A ||--o{ B : "<img src=x onerror=ALERT>"',
        "</code></pre><script>ALERT</script>",
    )
)
