"""Claude Code's command line, environment and standard input as data. Starts nothing.

The model gets no tools, no settings and no servers, and the prompt comes on standard input; so there is nothing in a
repository that could reach further than the answer. Claude Code itself reads prompts, too: `@path` would send that
file, which may be the credential's, and a slash at the beginning is a command. Neither is left to it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from analyzer.claude.credential import Credential

PROGRAM: Final = Path("/opt/claude/claude")
SYSTEM_PROMPT: Final = "You explain source code. Answer in plain text, precisely and without preamble."
CERTIFICATES: Final = Path("/etc/ssl/certs/ca-certificates.crt")
# Each further try doubles the wait, from half a second; what lasts longer is the caller's to wait for.
_RETRIES: Final = "3"
# What Claude Code would put into a request beside the prompt, or do beside asking.
_SWITCHED_OFF: Final = (
    "CLAUDE_CODE_DISABLE_ATTACHMENTS",
    "CLAUDE_CODE_DISABLE_AUTO_MEMORY",
    "CLAUDE_CODE_DISABLE_CLAUDE_MDS",
    "CLAUDE_CODE_DISABLE_GIT_INSTRUCTIONS",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
    "CLAUDE_CODE_DISABLE_TERMINAL_TITLE",
    "DISABLE_AUTOUPDATER",
)
_PASSED_THROUGH: Final = ("PATH", "FONDATION_PROCESS_MARK", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE")


def claude_argv(
    program: Path,
    system_prompt: str = SYSTEM_PROMPT,
    *,
    model: str | None = None,
    fallback: Sequence[str] = (),
    effort: str | None = None,
) -> list[str]:
    """Return the command line of one answer to the prompt on standard input.

    Args:
        program: Claude Code.
        system_prompt: Words of ours; nothing of a repository, which would get authority there.
        model: Name of the model; None for Claude Code's own choice.
        fallback: Models that may answer where that one is overloaded.
        effort: How much the model thinks, from `low` to `max`; None for its own choice.
    """
    return [
        str(program),
        *("--print", "--output-format", "stream-json", "--verbose"),
        *("--tools", "", "--setting-sources", "", "--strict-mcp-config"),
        *("--system-prompt", system_prompt, "--no-session-persistence"),
        *("--disable-slash-commands", "--disallowedTools", "mcp__*"),
        *(("--model", model) if model else ()),
        *(("--fallback-model", ",".join(fallback)) if fallback else ()),
        *(("--effort", effort) if effort else ()),
    ]


def standard_input(prompt: str) -> bytes:
    """Return what is written to Claude Code: a prompt that begins with a slash would be a command of its own."""
    return (f"\n{prompt}" if prompt.startswith("/") else prompt).encode()


def claude_environment(
    inherited: Mapping[str, str], credential: Credential, *, home: Path, base_url: str | None
) -> dict[str, str]:
    """Return the child's whole environment; the credential is in no other place of ours.

    Args:
        inherited: This process's variables, of which few are passed on.
        credential: The credential of this call.
        home: An empty folder that may be written.
        base_url: Address of the service; None for Anthropic's own.
    """
    variables = {name: inherited[name] for name in _PASSED_THROUGH if inherited.get(name)}
    variables |= {
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        **dict.fromkeys(_SWITCHED_OFF, "1"),
        "CLAUDE_CODE_MAX_RETRIES": _RETRIES,
        credential.variable: credential.value,
    }
    if base_url:
        variables["ANTHROPIC_BASE_URL"] = base_url
    if CERTIFICATES.is_file():
        # Claude Code trusts a list of its own; the image's has the certificates that the stack adds.
        variables["NODE_EXTRA_CA_CERTS"] = str(CERTIFICATES)
    return variables
