"""Spellings of Ukrainian names: folding for comparison, and romanisation.

The official romanisation is Resolution 55 of the Cabinet of Ministers of 27 January 2010; the older
one in much use is BGN/PCGN 1965. Names that come through Russian follow BGN/PCGN 1947 without
apostrophes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_DROPPED = ("'", "’", "ʼ", "‘", "`", "´", "ʹ", "′", "\u0301")
_SPACES = ("-", "‐", "‑", "‒", "–", "—", "\u00a0", "_")


def _table(pairs: str) -> dict[str, str]:
    """Read "а=a ь=" as a mapping."""
    letters = (pair.partition("=") for pair in pairs.split())
    return {letter: latin for letter, _, latin in letters}


_OFFICIAL = _table(
    "а=a б=b в=v г=h ґ=g д=d е=e є=ie ж=zh з=z и=y і=i ї=i й=i к=k л=l м=m н=n о=o п=p р=r с=s "
    "т=t у=u ф=f х=kh ц=ts ч=ch ш=sh щ=shch ь= ю=iu я=ia ы=y э=e ё=io"
)
_OFFICIAL_INITIAL = {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"}
_BGN = _OFFICIAL | {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"}
_RUSSIAN = _table(
    "а=a б=b в=v г=g д=d е=e ё=yo ж=zh з=z и=i й=y к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f "
    "х=kh ц=ts ч=ch ш=sh щ=shch ъ= ы=y ь= э=e ю=yu я=ya"
)

_WORD_START = re.compile(r"(^|[\s\-(])$")


def fold_name(name: str) -> str:
    """Reduce a name to the form in which two spellings are compared.

    Case, apostrophes and stress marks vanish, ё is е, every dash is a space.

    >>> fold_name("Кам’янець-Подільський") == fold_name("КАМ'ЯНЕЦЬ–ПОДІЛЬСЬКИЙ")
    True
    """
    return " ".join(fold_text(unicodedata.normalize("NFC", name)).split())


def fold_text(text: str) -> str:
    """Fold a long text as `fold_name` does, line breaks and tabs kept."""
    text = text.lower().replace("ё", "е")
    for mark in _DROPPED:
        text = text.replace(mark, "")
    for dash in _SPACES:
        text = text.replace(dash, " ")
    return text


def romanise(name_uk: str) -> str:
    """Romanise a Ukrainian name by the official table of 2010.

    >>> romanise("Знам’янка"), romanise("Згурівка"), romanise("Єнакієве")
    ('Znamianka', 'Zghurivka', 'Yenakiieve')
    """
    return _apply(name_uk, _OFFICIAL, _OFFICIAL_INITIAL)


def romanise_bgn(name_uk: str) -> str:
    """Romanise a Ukrainian name as BGN/PCGN 1965 does, without apostrophes.

    >>> romanise_bgn("Ізюм"), romanise_bgn("Миколаїв")
    ('Izyum', 'Mykolayiv')
    """
    return _apply(name_uk, _BGN, {})


def romanise_russian(name_ru: str) -> str:
    """Romanise a Russian name plainly.

    >>> romanise_russian("Харьков"), romanise_russian("Изюм")
    ('Kharkov', 'Izyum')
    """
    return _apply(name_ru, _RUSSIAN, {})


def _apply(name: str, table: Mapping[str, str], initial: Mapping[str, str]) -> str:
    out: list[str] = []
    done = ""
    lower = name.lower()
    for i, (char, low) in enumerate(zip(name, lower, strict=True)):
        if low in _DROPPED:
            continue
        latin = initial.get(low) if _WORD_START.search(done) else None
        if latin is None:
            latin = table.get(low, char)
        if low == "г" and i > 0 and lower[i - 1] == "з" and table.get("г") == "h":
            latin = "gh"
        out.append(latin.capitalize() if char != low and latin != char else latin)
        done += char
    return "".join(out)
