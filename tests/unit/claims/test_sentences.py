"""Sentences, segments and quotations."""

from __future__ import annotations

from lightkeeper.claims.folding import fold
from lightkeeper.claims.lexicon import load_lexicon
from lightkeeper.claims.sentences import Sentence, find_quotes, split_sentences


def split(text: str, language: str) -> tuple[Sentence, ...]:
    lexicon = load_lexicon(language)
    assert lexicon is not None
    return split_sentences(text, lexicon.abbreviations, lexicon.conjunctions, fold(text))


def words(text: str, language: str) -> list[str]:
    return [text[s.start : s.end] for s in split(text, language)]


def test_abbreviations_do_not_end_a_sentence() -> None:
    text = "Не буде світла на вул. Київській у м. Лубни. Без світла 12 тис. Роботи тривають."
    assert words(text, "uk") == [
        "Не буде світла на вул. Київській у м. Лубни.",
        "Без світла 12 тис.",
        "Роботи тривають.",
    ]


def test_line_ends_a_sentence_and_blank_line_a_paragraph() -> None:
    sentences = split("Heading\n\nPower is out. Crews work.", "en")
    assert [s.paragraph for s in sentences] == [0, 1, 1]


def test_folded_line_does_not_end_a_sentence() -> None:
    text = "У місті немає води, лікарня працює від\nгенераторів. Школи закрито."
    assert words(text, "uk") == [
        "У місті немає води, лікарня працює від\nгенераторів.",
        "Школи закрито.",
    ]


def test_segments_part_at_commas_and_contrasts_not_in_numbers() -> None:
    text = "Без світла 12,3 тис. споживачів, але лікарні працюють"
    (sentence,) = split(text, "uk")
    assert [text[a:b] for a, b in sentence.segments] == [
        "Без світла 12,3 тис. споживачів",
        "але лікарні працюють",
    ]


def test_quote_may_run_over_sentences_and_hold_apostrophes() -> None:
    text = "‘It wasn’t loud. We’re fine here,’ said a man. The “KAB” fell."
    (quote,) = find_quotes(text)
    assert text[quote.start : quote.end] == "It wasn’t loud. We’re fine here,"
