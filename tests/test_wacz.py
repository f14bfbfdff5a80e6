"""`ansinh import` of .wacz packages and .cdxj indexes: what they stand for, and what they may hide."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest

from tests.archives import Kept, prepare, run, write_warc
from tests.site import PORTAL
from tests.test_commoncrawl import CRAWLS
from tests.test_crawl import rows
from tests.test_wayback import content

CAPTURES = CRAWLS["CC-MAIN-2015-06"]


def wacz(path: Path, files: Mapping[str, bytes], packing: int = ZIP_STORED) -> Path:
    with ZipFile(path, "w", packing) as package:
        for name, said in files.items():
            package.writestr(name, said)
    return path


def package_of(files: Mapping[str, bytes]) -> bytes:
    resources = [{"path": name, "hash": f"sha256:{hashlib.sha256(said).hexdigest()}"} for name, said in files.items()]
    return json.dumps({"profile": "data-package", "resources": resources}).encode()


def warc_bytes(captures: list[Kept]) -> bytes:
    return b"".join(one.member() for one in captures)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return prepare(tmp_path / "data", PORTAL)


@pytest.fixture
def files() -> dict[str, bytes]:
    return {"archive/a.warc.gz": warc_bytes(CAPTURES[:7]), "archive/b.warc.gz": warc_bytes(CAPTURES[7:])}


def test_a_wacz_is_the_warc_files_in_it(data: Path, tmp_path: Path, files: dict[str, bytes]) -> None:
    more = {"datapackage.json": package_of(files), "indexes/index.cdx.gz": b"x", "pages/pages.jsonl": b"{}"}
    package = wacz(tmp_path / "thu.wacz", {**files, **more})
    lines = rows(run(data, "import", str(package), "--json").stdout)
    assert (lines[-1]["requests"], lines[-1]["new"]) == (12, 12)
    assert rows(run(data, "import", str(package), "--json").stdout)[-1]["requests"] == 0
    names = {hashlib.sha256(said).hexdigest() for said in files.values()}
    assert {path.name.partition(".")[0] for path in data.glob("captures/imported/*.warc.gz")} == names
    assert not (data / "unpacking").exists()
    assert "everything agrees" in run(data, "check").stdout


def test_a_wacz_in_a_folder_gives_what_its_warc_files_give(data: Path, tmp_path: Path, files: dict[str, bytes]) -> None:
    (tmp_path / "folder").mkdir()
    wacz(tmp_path / "folder/thu.wacz", files)
    run(data, "import", str(tmp_path / "folder"))
    plain = prepare(tmp_path / "plain", PORTAL)
    for name, said in files.items():
        (tmp_path / Path(name).name).write_bytes(said)
        run(plain, "import", str(tmp_path / Path(name).name))
    assert [one["id"] for one in content(data)] == [one["id"] for one in content(plain)]
    assert len(content(data)) == 12


def test_what_was_altered_is_imported_and_said(data: Path, tmp_path: Path, files: dict[str, bytes]) -> None:
    promise = package_of({**files, "archive/a.warc.gz": b"something else"})
    done = run(data, "import", str(wacz(tmp_path / "thu.wacz", {**files, "datapackage.json": promise})), check=False)
    assert done.exit_code == 1
    assert "archive/a.warc.gz is not what datapackage.json says it is" in done.stderr
    assert len(content(data)) == 12


@pytest.mark.parametrize(
    "promise", [b"{", b"[]", b'{"resources": [1]}', b'{"resources": [{"path": "x"}]}', b"[" * 100_000]
)
def test_a_package_that_promises_nonsense_promises_nothing(
    data: Path, tmp_path: Path, files: dict[str, bytes], promise: bytes
) -> None:
    run(data, "import", str(wacz(tmp_path / "thu.wacz", {**files, "datapackage.json": promise})))


def test_no_name_in_a_package_becomes_a_path(data: Path, tmp_path: Path) -> None:
    warc = warc_bytes(CAPTURES[:1])
    names = (
        "../evil.warc.gz",
        "/tmp/evil.warc.gz",
        "archive/../../evil.warc.gz",
        "archive/..\\evil.warc.gz",
        "evil.warc.gz",
    )
    before = sorted(tmp_path.rglob("*evil*"))
    package = wacz(tmp_path / "thu.wacz", {**dict.fromkeys(names, warc), "archive/..warc.gz": warc})
    run(data, "import", str(package))
    assert sorted(tmp_path.rglob("*evil*")) == before
    assert len(list(data.glob("captures/imported/*.warc.gz"))) == 1


def refused(data: Path, package: Path) -> str:
    done = run(data, "import", str(package), check=False)
    assert done.exit_code == 1
    assert not list(data.glob("captures/imported/*.warc*"))
    assert not (data / "unpacking").exists()
    return done.stderr


def test_a_bomb_is_not_unpacked(data: Path, tmp_path: Path) -> None:
    bomb = wacz(tmp_path / "bomb.wacz", {"archive/a.warc": b"\0" * 50_000_000}, ZIP_DEFLATED)
    assert "unfolds to more than 20 times its size" in refused(data, bomb)


def test_a_bomb_that_lies_about_its_size_is_cut_there(data: Path, tmp_path: Path) -> None:
    bomb = wacz(tmp_path / "bomb.wacz", {"archive/a.warc": b"\0" * 50_000_000}, ZIP_DEFLATED)
    said = bomb.read_bytes().replace(struct.pack("<L", 50_000_000), struct.pack("<L", 1000))
    bomb.write_bytes(said)
    assert "cannot be read as a WACZ file" in refused(data, bomb)


@pytest.mark.parametrize("said", [b"", b"PK\x05\x06" + b"\0" * 18, b"no zip at all", b"PK\x03\x04" + b"\xff" * 100])
def test_what_is_no_package_is_refused(data: Path, tmp_path: Path, said: bytes) -> None:
    (tmp_path / "thu.wacz").write_bytes(said)
    refused(data, tmp_path / "thu.wacz")


def test_a_damaged_package_is_refused(data: Path, tmp_path: Path, files: dict[str, bytes]) -> None:
    package = wacz(tmp_path / "thu.wacz", files)
    said = bytearray(package.read_bytes())
    said[len(said) // 3] ^= 0xFF
    package.write_bytes(said)
    assert "cannot be read as a WACZ file" in refused(data, package)


# --- CDXJ --------------------------------------------------------------------------------------------------------


def indexed(index: Path, warc: Path, captures: list[Kept]) -> list[str]:
    """Write a WARC file and an index of it; return the index's lines."""
    lines, content_ = list[str](), b""
    for one in captures:
        member = one.member()
        said = {"url": one.url, "mime": one.mime, "status": "200", "digest": f"sha1:{one.digest}", "length": len(member), "offset": len(content_), "filename": warc.name}  # fmt: skip
        lines.append(f"test,x)/ {one.timestamp} {json.dumps(said)}")
        content_ += member
    warc.parent.mkdir(parents=True, exist_ok=True)
    warc.write_bytes(content_)
    index.write_text("\n".join(lines))
    return lines


def test_an_index_is_the_records_that_its_lines_point_to(data: Path, tmp_path: Path) -> None:
    index = tmp_path / "thu/index.cdxj"
    lines = indexed(index, tmp_path / "thu/a.warc.gz", CAPTURES)
    index.write_text("\n".join(lines[:5]))
    assert rows(run(data, "import", str(index), "--json").stdout)[-1]["new"] == 5
    assert rows(run(data, "import", str(index), "--json").stdout)[-1]["requests"] == 0
    index.write_text("\n".join(lines))
    last = rows(run(data, "import", str(index), "--json").stdout)[-1]
    assert (last["new"], last["unchanged"]) == (7, 0)
    assert "everything agrees" in run(data, "check").stdout


def test_an_index_of_pywb_finds_its_files_in_the_folder_of_the_archive(data: Path, tmp_path: Path) -> None:
    (tmp_path / "thu/indexes").mkdir(parents=True)
    indexed(tmp_path / "thu/indexes/index.cdxj", tmp_path / "thu/archive/a.warc.gz", CAPTURES)
    assert rows(run(data, "import", str(tmp_path / "thu/indexes/index.cdxj"), "--json").stdout)[-1]["new"] == 12


def test_lines_that_point_to_nothing_are_counted_and_the_rest_is_imported(data: Path, tmp_path: Path) -> None:
    index = tmp_path / "thu/index.cdxj"
    lines = indexed(index, tmp_path / "thu/a.warc.gz", CAPTURES)
    secret = write_warc(tmp_path / "secret.warc.gz", CAPTURES[:1])
    bad = [
        lines[0].replace('"offset": 0', '"offset": 3'),
        lines[1].replace("a.warc.gz", "absent.warc.gz"),
        lines[2].replace("a.warc.gz", f"../{secret.name}"),
        lines[3].replace("a.warc.gz", "/etc/passwd"),
        "not a line",
        "x 20150101000000 {",
    ]
    index.write_text("\n".join([*lines[4:], *bad]))
    done = run(data, "import", str(index), "--json", check=False)
    assert done.exit_code == 1
    assert "6 lines point to no record" in done.stderr
    assert rows(done.stdout)[-1]["new"] == 8


def test_a_folder_with_an_index_is_its_warc_files(data: Path, tmp_path: Path) -> None:
    indexed(tmp_path / "thu/index.cdxj", tmp_path / "thu/a.warc.gz", CAPTURES)
    assert rows(run(data, "import", str(tmp_path / "thu"), "--json").stdout)[-1]["requests"] == 12
