"""Texts that nobody wrote to be read: broken, enormous, disguised, in other languages."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightkeeper.claims import Claim, ClaimKind, extract, read_places
from lightkeeper.errors import ReportUnreadable
from lightkeeper.region.gazetteer import Gazetteer
from lightkeeper.reports import make_report

Read = Callable[..., list[Claim]]
HANG_S = 120
"""Far more than any of these takes; a reader that hangs fails instead of holding up the tests."""

ALERT = "Вибухи у Лубнах, без світла 300 абонентів."


@pytest.fixture(autouse=True)
def hang_guard() -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"still reading after {HANG_S} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(HANG_S)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def are_verbatim(claims: list[Claim], text: str) -> bool:
    """Whether every span, also of the words that attribute, stands in the text to the letter."""
    spans = [c.span for c in claims]
    spans += [c.attribution.span for c in claims if c.attribution.span is not None]
    return all(text[s.start : s.end] == s.text for s in spans)


def test_fifty_megabytes_are_refused_at_once(gazetteer: Gazetteer) -> None:
    report = make_report("desk", ALERT * (50_000_000 // len(ALERT)), detect_language=lambda _: "uk")
    with pytest.raises(ReportUnreadable, match="split it into single reports"):
        extract(report, gazetteer)


@pytest.mark.parametrize(
    "text",
    [
        "In der Nacht wurde Charkiw angegriffen, drei Menschen starben, der Strom fiel aus.",
        "W nocy zaatakowano Charków, zginęły trzy osoby, w mieście nie ma prądu.",
        "تعرضت مدينة خاركيف لهجوم في الليل، وقتل ثلاثة أشخاص وانقطعت الكهرباء.",
        "夜間に攻撃があり、3人が死亡し、停電した。",
    ],
    ids=["German", "Polish", "Arabic", "Japanese"],
)
def test_another_language_is_said_to_be_one(gazetteer: Gazetteer, text: str) -> None:
    report = make_report("desk", text)
    assert report.language is None
    assert extract(report, gazetteer) == []
    assert read_places(report, gazetteer) == ()


def test_words_lost_in_decoding_are_not_guessed(read: Read) -> None:
    text = "Пошкодж\ufffd\ufffdо будинки у Луб\ufffdах. Без світла 3\ufffd0 абонентів у Миргороді."
    claims = read(text)
    assert are_verbatim(claims, text)
    (outage,) = claims
    assert outage.kind is ClaimKind.OUTAGE
    assert outage.customers is None
    assert [p.text for p in outage.places] == ["Миргороді"]


@pytest.mark.parametrize(
    ("unseen", "where"),
    [
        ("\u200b", "zero width space"),
        ("\u00ad", "soft hyphen"),
        ("\u200f", "right-to-left mark"),
        ("\u202e", "right-to-left override"),
        ("\u2060", "word joiner"),
        ("\u0301", "stress mark"),
    ],
)
def test_what_does_not_show_parts_no_word(read: Read, unseen: str, where: str) -> None:
    text = f"Виб{unseen}ухи{unseen} у Луб{unseen}нах, повідо{unseen}мив мер."
    claims = read(text)
    plain = read(ALERT.split(",", maxsplit=1)[0] + ", повідомив мер.")
    assert [c.kind for c in claims] == [c.kind for c in plain] == [ClaimKind.EXPLOSIONS], where
    assert [p.code for p in claims[0].places] == [p.code for p in plain[0].places]
    assert claims[0].attribution.role is plain[0].attribution.role
    assert are_verbatim(claims, text)
    assert f"Луб{unseen}нах" in claims[0].span.text


def test_letters_written_in_two_parts_are_letters(read: Read) -> None:
    text = "Вибухи у Киє\u0306ві"  # no such letter: the mark is left out
    assert [p.code for p in read(text)[0].places] == [
        p.code for p in read("Вибухи у Києві")[0].places
    ]
    text = "Вибухи на Киі\u0308вщині"
    assert read(text)[0].places[0].code == read("Вибухи на Київщині")[0].places[0].code
    assert are_verbatim(read(text), text)


def test_markup_left_in_is_no_report(read: Read) -> None:
    text = (
        "<p class='post'>Вибухи у <b>Лубнах</b>.</p><script>say('у Миргороді загинуло 5 людей');"
        "</script><!-- без світла 900 абонентів --><style>p{color:red}</style> Тривога триває."
    )
    claims = read(text)
    assert are_verbatim(claims, text)
    assert {c.kind for c in claims} & {ClaimKind.CASUALTIES, ClaimKind.OUTAGE} == set()
    (explosions,) = [c for c in claims if c.kind is ClaimKind.EXPLOSIONS]
    assert explosions.places[0].text == "Лубнах"


def test_a_script_that_never_ends_hides_nothing(read: Read) -> None:
    assert [c.kind for c in read(f"<script> {ALERT}")] == [c.kind for c in read(ALERT)]


SHAPES: dict[str, Callable[[int], str]] = {
    "posts": lambda n: f"{ALERT}\n" * (n // 43),
    "one endless sentence": lambda n: "без світла 300 абонентів у Лубнах, " * (n // 36),
    "one endless word": lambda n: f"Вибухи у Лубнах {'щ' * n}",
    "digits": lambda n: f"Без світла {'1' * n}",
    "groups of digits": lambda n: f"Без світла {'123 ' * (n // 4)}",
    "clock times": lambda n: f"Вибухи {'12:30-' * (n // 6)}",
    "blanks": lambda n: f"Вибухи у{' ' * n}Лубнах",
    "blank lines": lambda n: f"Вибухи{chr(10) * n}у Лубнах",
    "headings": lambda n: "Вибухи. Лубни\n" * (n // 14),
    "open quotations": lambda n: f"Вибухи у Лубнах {'«так сказав він ' * (n // 16)}",
    "nested quotations": lambda n: f"Вибухи у Лубнах {'«' * (n // 2)}{'»' * (n // 2)}",
    "apostrophes": lambda n: f"Explosions in Lubny were heard by the ‘{'s’b ' * (n // 4)}",
    "brackets": lambda n: f"Вибухи у Лубнах {'(' * n}",
    "full stops": lambda n: f"Вибухи у Лубнах {'.' * n}",
    "towns": lambda n: f"Вибухи: {'Рівненська, ' * (n // 12)}області",
    "speakers": lambda n: "Вибухи, повідомив мер, " * (n // 23),
    "numbers in words": lambda n: f"Без світла {'двадцять тисяч ' * (n // 15)}",
    "unseen marks": lambda n: "Вибу\u200bхи у Лубнах " * (n // 17),
    "stress marks": lambda n: f"Вибухи у Лубнах{chr(0x301) * n}",
    "open tags": lambda n: f"Вибухи у Лубнах {'<script>так ' * (n // 12)}",
    "hyphens": lambda n: f"Вибухи у Лубнах {'а-' * (n // 2)}",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_work_grows_as_the_length_does(gazetteer: Gazetteer, shape: str) -> None:
    """Four times the text takes about four times the calls; it would be sixteen if every pair of
    words were looked at."""

    def n_calls(n_chars: int) -> int:
        text = SHAPES[shape](n_chars)
        report = make_report("desk", text, detect_language=lambda t: "en" if "Expl" in t else "uk")
        extract(report, gazetteer)  # what is remembered is remembered now
        calls = 0

        def count(_frame: FrameType, _event: str, _what: object) -> None:
            nonlocal calls
            calls += 1

        sys.setprofile(count)
        try:
            claims = extract(report, gazetteer)
        finally:
            sys.setprofile(None)
        assert are_verbatim(claims, text)
        return calls

    assert n_calls(16_000) <= 6 * n_calls(4_000)


def test_letters_that_no_dictionary_names_do_no_harm(read: Read) -> None:
    assert [c.kind for c in read("Вибухи у Лубнах. Над містом \U00017000\U00017001.")] == [
        "explosions"
    ]


def test_a_long_report_is_read_to_its_end_in_parts(read: Read) -> None:
    filler = "Погода ясна, вітер слабкий, опадів не чекають. " * 30
    text = f"Вибухи у Лубнах.\n\n{filler}\n\n" * 20 + "Без світла Миргород.\n"
    assert len(text) > 20_000
    claims = read(text)
    assert are_verbatim(claims, text)
    assert sum(c.kind is ClaimKind.EXPLOSIONS for c in claims) == 20
    assert claims[-1].kind is ClaimKind.OUTAGE
    assert claims[-1].id.endswith(f":{claims[-1].span.start}")
    assert len({c.id for c in claims}) == len(claims)


PIECES = st.sampled_from([
    "Вибухи", "у Лубнах", "без світла", "10", "100 000", "тисяч", "абонентів", "повідомив мер", "—",
    "«", "»", "“", "”", "'", "’", ".", "...", ",", ":", "\n", "\n\n", "\u200b", "\u202e", "\u0301",
    "<b>", "</b>", "<script>", "</script>", "<!--", "-->", "12:30", "10 січня", "Explosions",
    "in Kharkiv", "said", "Governor", "not", "не", "\ufffd", "🔴", "\x00", "İ", "ß", "ﬁ", "½", "٣",
])  # fmt: skip


@settings(max_examples=150, deadline=None, database=None)
@given(
    pieces=st.lists(PIECES | st.text(max_size=4), max_size=40),
    language=st.sampled_from(["uk", "en", "ru"]),
)
def test_any_text_is_read_verbatim_or_not_at_all(
    gazetteer: Gazetteer, pieces: list[str], language: str
) -> None:
    text = " ".join(pieces) or "x"
    try:
        report = make_report("desk", text, detect_language=lambda _: language)
    except ReportUnreadable:
        return  # nothing but blanks, or half of a character
    assert are_verbatim(extract(report, gazetteer), text)
