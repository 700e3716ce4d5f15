"""Atomic writes: a file appears complete or not at all."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest
from fsspec.implementations.local import LocalFileSystem
from fsspec.implementations.memory import MemoryFileSystem

from airflow_provider_seventime.exceptions import ConfigError
from airflow_provider_seventime.transfers.export.atomic_write import (
    ATOMIC_STORES,
    publish,
    require_container,
    target_path,
    write_atomically,
)

try:
    from airflow.sdk.io import store
except ImportError:  # Airflow 2.11
    from airflow.io import store  # type: ignore[no-redef]

OLD, NEW = b"the file of an earlier try", b"#FLAGGA 0\r\n" * 1000


class Storage(MemoryFileSystem):
    """An object storage that notes what is written to it."""

    cachable = False

    def __init__(self):
        super().__init__()
        self.store, self.pseudo_dirs, self.written, self.options = {}, [""], [], {}

    def pipe_file(self, path, value, mode="overwrite", **options):
        self.written.append(path)
        return super().pipe_file(path, value, mode, **options)

    def put_file(self, lpath, rpath, **options):
        self.written.append(rpath)
        self.options = options
        return super().put_file(lpath, rpath)


@pytest.fixture
def memory():
    return Storage()


@pytest.fixture
def storage(memory, monkeypatch):
    """Let a scheme of Airflow's object storage mean the one in memory."""

    def attach(scheme):
        attached = store.ObjectStore(protocol=scheme, conn_id=None, fs=memory)
        monkeypatch.setitem(store._STORE_CACHE, scheme, attached)

    return attach


@pytest.fixture(params=["write_atomically", "publish"])
def write(request, tmp_path_factory):
    """Write content to a path: from memory, or from a file of the worker's."""

    def published(target, content):
        file = tmp_path_factory.mktemp("worker") / "made"
        file.write_bytes(content)
        publish(target, file)

    return write_atomically if request.param == "write_atomically" else published


def names_of(paths):
    return [path.rpartition("/")[2] for path in paths]


def files_in(folder):
    return sorted(path.name for path in Path(folder).rglob("*") if path.is_file())


@pytest.mark.parametrize("form", ["{folder}/books.si", "file://{folder}/books.si", " {folder}/books.si\n"])
def test_a_local_file(write, tmp_path, form):
    write(target_path(form.format(folder=tmp_path)), NEW)

    assert (tmp_path / "books.si").read_bytes() == NEW
    assert files_in(tmp_path) == ["books.si"]


def test_folders_are_created(write, tmp_path):
    write(target_path(f"file://{tmp_path}/2026/09/books.si"), NEW)

    assert (tmp_path / "2026" / "09" / "books.si").read_bytes() == NEW


def test_an_existing_file_is_replaced(write, tmp_path):
    path = tmp_path / "books.si"
    path.write_bytes(OLD)

    write(target_path(str(path)), NEW)

    assert path.read_bytes() == NEW
    assert files_in(tmp_path) == ["books.si"]


@pytest.fixture
def full_disk(monkeypatch):
    """A disk that has room for half of what is written to it."""
    open_file = LocalFileSystem.open

    def open_on_full_disk(self, path, mode="rb", **options):
        file = open_file(self, path, mode, **options)

        def write_half(content):
            file.f.write(content[: len(content) // 2])
            file.f.flush()
            raise OSError(errno.ENOSPC, "No space left on device")

        file.write = write_half
        return file

    def copy_half(source, target):
        content = Path(source).read_bytes()
        Path(target).write_bytes(content[: len(content) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(LocalFileSystem, "open", open_on_full_disk)
    monkeypatch.setattr("shutil.copyfile", copy_half)


@pytest.mark.parametrize("there", [None, OLD], ids=["new", "old-one-there"])
def test_a_write_that_fails_leaves_no_half_file(write, tmp_path, full_disk, there):
    path = tmp_path / "books.si"
    if there:
        path.write_bytes(there)

    with pytest.raises(OSError, match="No space left on device"):
        write(target_path(str(path)), NEW)

    assert (path.read_bytes() if path.exists() else None) == there


def test_the_next_try_clears_up_after_one_that_failed(write, tmp_path, full_disk, monkeypatch):
    target = target_path(str(tmp_path / "books.si"))
    with pytest.raises(OSError, match="No space left on device"):
        write(target, NEW)
    monkeypatch.undo()

    write(target, NEW)

    assert (tmp_path / "books.si").read_bytes() == NEW
    assert files_in(tmp_path) == ["books.si"]


@pytest.fixture
def no_renaming(monkeypatch):
    """A folder whose files may be written and not replaced, like a file mounted into a container by itself."""

    def refuse(*paths, **options):
        raise OSError(errno.EBUSY, "Device or resource busy")

    monkeypatch.setattr("os.rename", refuse)
    monkeypatch.setattr("os.replace", refuse)


def test_a_file_that_may_not_be_replaced_stays_as_it_is(write, tmp_path, no_renaming):
    path = tmp_path / "books.si"
    path.write_bytes(OLD)

    with pytest.raises(OSError, match="resource busy"):
        write(target_path(str(path)), NEW)

    assert path.read_bytes() == OLD


def test_a_file_of_the_name_of_a_folder(write, tmp_path):
    (tmp_path / "books").mkdir()

    with pytest.raises(ConfigError, match="is a folder\\.\nAdd the name of the file"):
        write(target_path(str(tmp_path / "books")), NEW)
    assert files_in(tmp_path) == []


def test_a_folder_that_is_a_file(write, tmp_path):
    (tmp_path / "books").write_bytes(OLD)

    with pytest.raises(OSError, match="books"):
        write(target_path(str(tmp_path / "books" / "september.si")), NEW)
    assert files_in(tmp_path) == ["books"]


def test_a_storage_that_shows_half_files_gets_the_final_name_last(write, storage, memory):
    storage("memory")

    write(target_path("memory://books/2026/september.si"), NEW)

    assert memory.cat_file("books/2026/september.si") == NEW
    assert re.fullmatch(r"\.september\.si\.[0-9a-f]{16}\.partial", names_of(memory.written)[0])
    assert names_of(memory.find("")) == ["september.si"]


@pytest.mark.parametrize("scheme", ["s3", "gs"])
def test_an_atomic_store_is_written_directly(write, storage, memory, scheme):
    storage(scheme)
    assert scheme in ATOMIC_STORES

    write(target_path(f"{scheme}://books/2026/september.si"), NEW)

    assert names_of(memory.written) == ["september.si"]
    assert memory.cat_file("books/2026/september.si") == NEW


@pytest.mark.parametrize(
    ("scheme", "options"),
    [
        ("s3", {"chunksize": 16 * 1024**2, "max_concurrency": 2}),
        ("abfs", {"overwrite": True}),
        ("gs", {}),
        ("memory", {}),
    ],
)
def test_upload_options_of_each_storage(storage, memory, tmp_path, scheme, options):
    storage(scheme)
    (tmp_path / "made").write_bytes(NEW)

    publish(target_path(f"{scheme}://books/september.si"), tmp_path / "made")

    assert memory.options == options


def test_the_bucket_must_exist(storage, memory, tmp_path):
    storage("s3")
    memory.mkdir("books")

    require_container(target_path("s3://books/2026/september.si"))
    with pytest.raises(ConfigError, match=r"^path: the bucket 'boks' of .* does not exist"):
        require_container(target_path("s3://boks/2026/september.si"))
    require_container(target_path(f"{tmp_path}/boks/september.si"))


def test_a_bucket_is_not_a_file(storage):
    storage("s3")

    with pytest.raises(ConfigError, match=r"^path: 's3://books' is a bucket"):
        target_path("s3://books")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        pytest.param("", "is empty", id="empty"),
        pytest.param("  ", "is empty", id="blank"),
        pytest.param(None, "perhaps because a template rendered to nothing", id="none"),
        pytest.param("None", "perhaps because a template rendered to nothing", id="rendered-to-none"),
        pytest.param("books.si", "is relative", id="name"),
        pytest.param("./books.si", "is relative", id="here"),
        pytest.param("~/books.si", "is relative", id="home"),
        pytest.param("file://books/september.si", "is relative", id="relative-url"),
        pytest.param("file:books.si", "is relative", id="relative-url-without-slashes"),
        pytest.param("/srv/books/", "is a folder", id="folder"),
        pytest.param("s3://bucket/books/", "is a folder", id="folder-url"),
        pytest.param("nowhere://books/september.si", "the storage of 'nowhere://", id="unknown-storage"),
    ],
)
def test_a_path_that_cannot_be_written(path, said):
    with pytest.raises(ConfigError, match=f"^path:? .*{said}"):
        target_path(path)
