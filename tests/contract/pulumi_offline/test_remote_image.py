from collections.abc import Callable

from tests.contract.pulumi_offline.driver import Project, docker, inspect


def test_a_local_image_is_found_kept_or_removed(new_project: Callable[[str], Project], prefix: str, base: str) -> None:
    project = new_project("remote")
    local = inspect("image", base)["Id"]
    for name in ("kept", "dropped"):
        docker("tag", base, f"{prefix}-{name}:1")
    project.write(f"""
docker.RemoteImage("kept", name="{prefix}-kept:1", keep_locally=True)
docker.RemoteImage("dropped", name="{prefix}-dropped:1")
""")
    done = project.up()
    assert done.code == 0, done.text
    state = project.resources()
    assert state["kept"]["id"] == f"{local}{prefix}-kept:1"
    assert state["kept"]["outputs"]["imageId"] == local
    assert project.preview("--refresh", "--expect-no-changes").code == 0
    assert project.destroy().code == 0
    assert docker("images", "--quiet", f"{prefix}-dropped:1") == ""
    assert docker("images", "--quiet", "--no-trunc", f"{prefix}-kept:1") == local
