"""What a line of an example declares, in whichever language the example is written."""

import re
from typing import Final

FUNCTION_WORDS: Final = frozenset({"func", "def", "fn", "fun", "function"})
DECLARATION: Final = re.compile(
    r"^[^\S\n]*(?:(?:export|public|private|internal|static|abstract|final|sealed|data|pub|async|default|open|override|"
    r"convenience|virtual)\s+)*"
    r"(?P<word>func|def|fn|fun|function|struct|class|enum|protocol|interface|trait|record|type)\s+(?P<name>\w+)",
    re.MULTILINE,
)
