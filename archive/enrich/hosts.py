"""What the address of a page tells of its place: tinhbien.angiang.gov.vn is Tịnh Biên's, www.camau.gov.vn Cà Mau's.

Authorities publish under .gov.vn, the unit before its province (Nghị định 43/2011/NĐ-CP, điều 5; Nghị định
42/2022/NĐ-CP); provincial newspapers call themselves "bao" and the province (baolamdong.vn).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from archive.enrich.gazetteer import Commune, District, Name, Province, load_gazetteer
from archive.enrich.tables import read_table
from archive.text import fold_text


def _key(name: str) -> str:
    """Return a name or a label as hosts spell it, i for y throughout: "txkyanh" is TX Kỳ Anh and TX Kì Anh."""
    return fold_text(name).replace(" ", "").replace("y", "i")


_DATA = read_table("places.toml")["hosts"]
_SHORT: dict[str, str] = _DATA["provinces"]
_KINDS = {_key(label): kind for label, kind in sorted(_DATA["kinds"].items(), key=lambda item: -len(item[0]))}
_AUTHORITY, _NEWSPAPER = ".gov.vn", "bao"


@dataclass(frozen=True, slots=True)
class Site:
    """The place of a host: its province, and the districts and communes its first label can mean."""

    province: Province | None = None
    districts: tuple[District, ...] = ()
    communes: tuple[Commune, ...] = ()

    def district_on(self, day: str | None) -> District | None:
        """Return the one district that the host can mean on a day; None when there are several or none."""
        living = [district for district in self.districts if district.names_on(day)]
        return living[0] if len(living) == 1 else None


def read_host(url: str) -> Site:
    """Return what the host of a URL tells; an empty Site for a host that names no place, and for no URL."""
    return _read(_host(url))


@lru_cache(maxsize=4096)
def _read(host: str) -> Site:
    if not host.endswith(_AUTHORITY):
        name = host.removeprefix("www.").partition(".")[0]
        return Site(_find_province(name.removeprefix(_NEWSPAPER)) if name.startswith(_NEWSPAPER) else None)
    labels = [label for label in host.removesuffix(_AUTHORITY).split(".") if label != "www"]
    province = _find_province(labels[-1]) if labels else None
    own = labels[:-1] if province is not None else labels[-1:]
    if not own:
        return Site(province)
    return Site(province, _find_districts(own[-1], province), _find_communes(own[-1], province))


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _find_province(label: str) -> Province | None:
    code = _SHORT.get(label) or _province_labels().get(_key(label))
    return load_gazetteer().provinces[code] if code else None


@lru_cache(maxsize=1)
def _province_labels() -> dict[str, str]:
    provinces = load_gazetteer().provinces.values()
    return {_key(name.base): province.code for province in provinces for name in province.names}


@lru_cache(maxsize=1)
def _district_labels() -> dict[str, tuple[tuple[District, Name], ...]]:
    found: dict[str, tuple[tuple[District, Name], ...]] = {}
    for district in load_gazetteer().districts.values():
        for name in district.names:
            label = _key(name.base)
            found[label] = (*found.get(label, ()), (district, name))
    return found


def _find_districts(label: str, province: Province | None) -> tuple[District, ...]:
    """Return the districts a label can mean: "tinhbien", "huyenchauthanh", "txkyanh", "quan1", "backancity"."""
    label = _key(label).removeprefix("ubnd")
    bare = _of_label(label, "", province)
    if bare and not label.isdigit():
        return bare
    for word, kind in _KINDS.items():
        for name in {label.removeprefix(word), label.removesuffix(word)} - {label}:
            found = _of_label(name, kind, province)
            if found:
                return found
    return ()


def _of_label(label: str, kind: str, province: Province | None) -> tuple[District, ...]:
    fitting = [
        district
        for district, name in _district_labels().get(label, ())
        if name.type.startswith(kind) and (province is None or name.province == province.code)
    ]
    return tuple(dict.fromkeys(fitting))


def _find_communes(label: str, province: Province | None) -> tuple[Commune, ...]:
    """Return the communes of 2025 a label can mean: "xatrungly", "phuonglongbien", "longbien"."""
    if province is None:
        return ()
    return _commune_labels().get((province.now, _key(label)), ())


@lru_cache(maxsize=1)
def _commune_labels() -> dict[tuple[str, str], tuple[Commune, ...]]:
    found: dict[tuple[str, str], tuple[Commune, ...]] = {}
    for commune in load_gazetteer().communes.values():
        full = _key(commune.name)
        kind = next(kind for kind in ("phuong", "dackhu", "xa") if full.startswith(kind))
        for label in (full, full.removeprefix(kind)):
            key = (commune.province, label)
            found[key] = (*found.get(key, ()), commune)
    return found
