from pathlib import Path

import pytest

from worker.metrics import Metrics
from worker.resources import Memory, Resources, read_memory


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def version_1(folder: Path, limit: str = "1073741824") -> Path:
    return write(
        folder,
        {
            "memory/memory.usage_in_bytes": "300\n",
            "memory/memory.limit_in_bytes": f"{limit}\n",
            "memory/memory.stat": "cache 200\ninactive_file 1\ntotal_inactive_file 120\n",
        },
    )


def version_2(folder: Path, limit: str = "1073741824") -> Path:
    return write(
        folder,
        {"memory.current": "300\n", "memory.max": f"{limit}\n", "memory.stat": "anon 10\ninactive_file 100\n"},
    )


def test_both_versions_of_control_groups_are_read_without_reclaimable_cache(tmp_path: Path) -> None:
    assert read_memory(version_1(tmp_path / "1")) == Memory(used_bytes=180, limit_bytes=1 << 30)
    assert read_memory(version_2(tmp_path / "2")) == Memory(used_bytes=200, limit_bytes=1 << 30)


def test_no_limit_is_no_figure(tmp_path: Path) -> None:
    assert read_memory(version_1(tmp_path / "1", "9223372036854771712")) == Memory(used_bytes=180, limit_bytes=None)
    assert read_memory(version_2(tmp_path / "2", "max")) == Memory(used_bytes=200, limit_bytes=None)


@pytest.mark.parametrize("files", [{}, {"memory.current": "x", "memory.max": "max", "memory.stat": ""}])
def test_a_system_that_shows_nothing_readable_has_no_memory_figures(tmp_path: Path, files: dict[str, str]) -> None:
    assert read_memory(write(tmp_path, files)) is None


def test_the_figures_are_metrics_in_bytes_and_fresh_at_each_scrape(tmp_path: Path) -> None:
    metrics = Metrics(Resources(tmp_path, cgroups=version_2(tmp_path / "cgroup")))
    first = metrics.render().decode().splitlines()
    assert "fondation_memory_usage_bytes 200.0" in first
    assert "fondation_memory_limit_bytes 1.073741824e+09" in first
    disk = {line.split()[0]: float(line.split()[1]) for line in first if line.startswith("fondation_disk_")}
    assert 0 < disk["fondation_disk_free_bytes"] < disk["fondation_disk_size_bytes"]
    (tmp_path / "cgroup" / "memory.current").write_text("400\n")
    assert "fondation_memory_usage_bytes 300.0" in metrics.render().decode().splitlines()


def test_a_data_folder_that_is_gone_costs_only_its_own_figures(tmp_path: Path) -> None:
    text = Metrics(Resources(tmp_path / "gone", cgroups=version_1(tmp_path / "cgroup"))).render().decode()
    assert "fondation_memory_usage_bytes 180.0" in text
    assert "fondation_disk" not in text
