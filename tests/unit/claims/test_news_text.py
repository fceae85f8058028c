"""The head line and the sentences of a news item."""

from __future__ import annotations

from datetime import date

from lightkeeper.claims.news_text import LONGEST, read_news_text


def test_the_head_line_tells_where_and_when() -> None:
    news = read_news_text("NO CITY (EL SALVADOR), 29 SEP 89 (AGENCY) -- [TEXT] ALL IS QUIET.")
    assert (news.sent_from, news.sent_from_country) == ("no city", "el salvador")
    assert news.told == date(1989, 9, 29)
    assert [s.text for s in news.sentences] == ["all is quiet."]


def test_a_head_line_may_have_no_date_and_a_text_no_head_line() -> None:
    assert read_news_text("LIMA, NO DATE (RADIO) -- [TEXT] ALL IS QUIET.").told is None
    assert read_news_text("LIMA, 31 FEB 90 -- ALL IS QUIET.").told is None
    assert read_news_text("ALL IS QUIET.").sent_from is None


def test_sentences_keep_their_paragraph_and_lose_what_the_editor_put_in() -> None:
    news = read_news_text(
        "LIMA, 5 MAR 90 -- [TEXT] DR. DIAZ SPOKE. THE FRONT [EXPANSION OF THE NAME] ATTACKED\n"
        "YESTERDAY [4 MARCH].\n\n   IT WAS LATE."
    )
    assert [(s.text, s.paragraph) for s in news.sentences] == [
        ("dr. diaz spoke.", 0),
        ("the front attacked yesterday [4 march].", 0),
        ("it was late.", 1),
    ]


def test_a_sentence_without_end_is_cut_and_loses_nothing() -> None:
    words = "a bomb exploded and " * 1_000 + "x" * 90
    pieces = [s.text for s in read_news_text(words).sentences]
    assert " ".join(pieces).split() == words.split()
    assert max(len(p) for p in pieces) <= LONGEST
    # A run of letters without a blank, marks between them, has no blank to be cut at.
    marks = "a." * 3_000
    assert "".join(s.text for s in read_news_text(marks).sentences) == marks
