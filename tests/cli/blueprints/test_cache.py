"""Generated folders are kept in a private cache, and used only while they are complete."""

import os
from pathlib import Path

import pytest

from mockserver.cli.blueprints import cache as module
from mockserver.cli.blueprints.cache import Cache, cache_key, open_cache
from mockserver.spec import blueprint
from mockserver.spec.description import Api

DATA = {"an-operation": "a reason"}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    opened = open_cache()
    assert opened is not None
    return opened


def add(cache: Cache, key: str, content: str = "x") -> Path:
    """Add an entry with one file, and return the folder of the entry."""
    with cache.new_folder() as folder:
        (folder / "schemas").mkdir()
        (folder / "schemas/a.json").write_text(content)
        cache.add(key, folder, DATA)
    return cache.folder / key


def names(cache: Cache) -> list[str]:
    """Return everything in the folder of the cache."""
    return sorted(path.name for path in cache.folder.iterdir())


def test_an_entry_is_found_by_its_key(cache: Cache) -> None:
    folder = add(cache, "k")
    entry = cache.entry("k")
    assert entry is not None
    assert (entry.folder, entry.data, entry.is_complete) == (folder, DATA, True)
    assert cache.entry("other") is None
    assert names(cache) == ["k"]


def test_the_folder_belongs_to_the_user_alone(cache: Cache, tmp_path: Path) -> None:
    assert cache.folder == tmp_path / "xdg/mockserver"
    assert cache.folder.stat().st_mode & 0o777 == 0o700


def _changed(folder: Path) -> None:
    (folder / "schemas/a.json").write_text("y")


def _shortened(folder: Path) -> None:
    (folder / "schemas/a.json").write_text("")


def _removed(folder: Path) -> None:
    (folder / "schemas/a.json").unlink()


def _added(folder: Path) -> None:
    (folder / "schemas/b.json").write_text("x")


def _linked(folder: Path) -> None:
    path = folder / "schemas/a.json"
    path.rename(folder.parent / "outside")
    path.symlink_to(folder.parent / "outside")


def _without_manifest(folder: Path) -> None:
    (folder / "entry.json").unlink()


def _with_half_a_manifest(folder: Path) -> None:
    path = folder / "entry.json"
    path.write_bytes(path.read_bytes()[:20])


def _with_another_manifest(folder: Path) -> None:
    (folder / "entry.json").write_text("[]")


@pytest.mark.parametrize(
    "damage",
    [
        _changed,
        _shortened,
        _removed,
        _added,
        _linked,
        _without_manifest,
        _with_half_a_manifest,
        _with_another_manifest,
    ],
)
def test_a_damaged_entry_is_not_used_and_can_be_replaced(cache: Cache, damage: object) -> None:
    assert callable(damage)
    damage(add(cache, "k"))
    assert cache.entry("k") is None
    add(cache, "k", "new")
    entry = cache.entry("k")
    assert entry is not None
    assert (entry.folder / "schemas/a.json").read_text() == "new"


def test_an_entry_of_another_user_is_not_used(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(cache, "k")
    own_id = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: own_id + 1)
    assert cache.entry("k") is None


@pytest.mark.parametrize("mode", [0o777, 0o720, 0o702])
def test_a_folder_that_others_can_write_to_is_not_used(
    cache: Cache, mode: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    cache.folder.chmod(mode)
    other = open_cache()
    assert other is not None
    assert other.folder == tmp_path / "home/.cache/mockserver"


def test_a_folder_that_others_can_read_becomes_private(cache: Cache) -> None:
    cache.folder.chmod(0o755)
    assert open_cache() is not None
    assert cache.folder.stat().st_mode & 0o777 == 0o700


def test_a_link_as_the_folder_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "xdg").mkdir()
    (tmp_path / "target").mkdir(mode=0o700)
    (tmp_path / "xdg/mockserver").symlink_to(tmp_path / "target")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    opened = open_cache()
    assert opened is not None
    assert opened.folder == tmp_path / "home/.cache/mockserver"


def test_without_a_home_the_cache_is_a_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", "/dev/null")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    opened = open_cache()
    assert opened is not None
    assert opened.folder == tmp_path / f"mockserver-cache-{os.getuid()}"


def test_a_removed_or_replaced_entry_is_incomplete(cache: Cache) -> None:
    folder = add(cache, "k")
    entry = cache.entry("k")
    assert entry is not None
    _changed(folder)
    add(cache, "k")
    assert not entry.is_complete


def test_the_first_process_wins(cache: Cache) -> None:
    add(cache, "k", "first")
    folder = add(cache, "k", "second")
    assert (folder / "schemas/a.json").read_text() == "first"
    assert names(cache) == ["k"]


def test_the_entries_that_were_not_used_for_the_longest_time_are_removed(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, key in enumerate(("old", "used", "new")):
        folder = add(cache, key, "x" * 100)
        os.utime(folder, (1000 + number, 1000 + number))
    os.utime(cache.folder / "used", (5000, 5000))
    os.utime(cache.folder / "new", (4000, 4000))
    size = module._size(cache.folder / "old")
    monkeypatch.setattr(module, "MAX_BYTES", 3 * size)
    add(cache, "newest", "x" * 100)
    assert names(cache) == ["new", "newest", "used"]


def test_a_use_makes_an_entry_newer(cache: Cache) -> None:
    folder = add(cache, "k")
    os.utime(folder, (1000, 1000))
    cache.entry("k")
    assert folder.stat().st_mtime > 1000


def test_an_abandoned_folder_is_removed(cache: Cache) -> None:
    for name, age in ((".new-old", 1000), (".new-now", None)):
        (cache.folder / name).mkdir()
        if age:
            os.utime(cache.folder / name, (age, age))
    add(cache, "k")
    assert names(cache) == [".new-now", "k"]


def test_the_key_depends_on_the_text_the_id_and_the_versions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def api(path: str, name: str = "a") -> Api:
        return blueprint.parse_blueprint(f"## GET {path}\n\n+ Response 204\n", "a.apib", name)

    keys = [cache_key([api("/a")]), cache_key([api("/b")]), cache_key([api("/a", "b")])]
    keys.append(cache_key([api("/a"), api("/b")]))
    monkeypatch.setattr("mockserver.__version__", "0.0.0")
    keys.append(cache_key([api("/a")]))
    monkeypatch.setattr(module, "version", lambda _: "1")
    keys.append(cache_key([api("/a")]))
    assert len(set(keys)) == len(keys)
