"""A packed grammar is small, and parses as before."""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from analyzer.languages.packed import pack
from tests.unit.analyzer.repositories import ROOT

SITE = Path(sysconfig.get_paths()["purelib"])
PARSE = """
import sys
sys.path.insert(0, sys.argv[1])
from analyzer.code.model import Role
from analyzer.languages.extract import parse_module
module = parse_module("a.go", "go", Role.SOURCE, ("package a", "func Go() {}"))
import tree_sitter_go
assert tree_sitter_go.__file__.startswith(sys.argv[1]), tree_sitter_go.__file__
print([symbol.name for symbol in module.symbols])
"""


def test_a_packed_grammar_is_small_and_parses(tmp_path: Path) -> None:
    shutil.copytree(SITE / "tree_sitter_go", tmp_path / "tree_sitter_go")
    before = sum(path.stat().st_size for path in (tmp_path / "tree_sitter_go").glob("*.so"))
    assert pack(tmp_path) == 1
    assert not list(tmp_path.rglob("*.so"))
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.so.z")) < before / 4
    done = subprocess.run(
        [sys.executable, "-c", PARSE, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout == "['Go']\n", done.stderr


def test_packing_twice_changes_nothing(tmp_path: Path) -> None:
    shutil.copytree(SITE / "tree_sitter_go", tmp_path / "tree_sitter_go")
    pack(tmp_path)
    assert pack(tmp_path) == 0
    assert len(list(tmp_path.rglob("*.so.z"))) == 1
