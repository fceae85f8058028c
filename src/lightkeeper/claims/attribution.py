"""Who says it: the report itself, or someone it names, also when named a sentence later."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from lightkeeper.claims.lexicon import Lexicon
from lightkeeper.claims.model import Attribution, ClaimKind, PlaceRef, Span, SpeakerRole
from lightkeeper.claims.sentences import Quote, Sentence, number_of_sentence
from lightkeeper.region.gazetteer import Gazetteer
from lightkeeper.region.model import PlaceLevel

BODIES = frozenset(SpeakerRole) - {
    SpeakerRole.SELF, SpeakerRole.LOCAL_RESIDENTS, SpeakerRole.EXPERT, SpeakerRole.WORKER,
    SpeakerRole.SOCIAL_MEDIA, SpeakerRole.MEDIA, SpeakerRole.UNNAMED, SpeakerRole.FOREIGN_OFFICIAL,
}  # fmt: skip
"""Offices, whose announcement runs on over several sentences; a person's words end with theirs."""
SUPPLIERS = frozenset({
    SpeakerRole.DISTRIBUTION_OPERATOR, SpeakerRole.SYSTEM_OPERATOR, SpeakerRole.UTILITY,
    SpeakerRole.ENERGY_OFFICIALS,
})  # fmt: skip
OF_SUPPLY = frozenset({
    ClaimKind.OUTAGE, ClaimKind.RESTORED, ClaimKind.REPAIR, ClaimKind.SERVICES, ClaimKind.FORECAST,
    ClaimKind.SCHEDULE, ClaimKind.UNKNOWN, ClaimKind.ADVICE,
})  # fmt: skip
"""What suppliers tell of; the harm done is told by the others."""
_HARM_GOES_ON = 2
SELF = Attribution(role=SpeakerRole.SELF)
_NEGATED = re.compile(r"(?:\bnot\b(?: yet)?|n't|\bне|\bще не|\bпоки не)\s+\Z")
_SOURCE_ENDS = re.compile(r"[,;:](?:\s|$)|(?<!\b\w)\.(?:\s|$)|\s[—–-]\s|\sabout\s|\sщо\s|\sчто\s")
_CLAUSE_ENDS = re.compile(r"[.;!?\n]")
_GOES_ON = re.compile(r"[,:]\s|\sthat\s|,?\s(?:що|что)\s")
_COLON = re.compile(r":\s")
_CAPITAL = re.compile(r"[^\W\d_a-zа-яіїєґё][\w-]+")
_CAPITAL_PAIR = re.compile(r"([^\W\d_a-zа-яіїєґё][\w'’-]+) ([^\W\d_a-zа-яіїєґё][\w'’-]+)")
_TAIL = re.compile(r"(?:[,»”\"']\s?[—–-]\s|\s[—–]\s|\()([^,;()—–\n]{3,90}?)[).!]*\Z")
_BEFORE_OFFICE_CHARS = 14
"""So much may stand before an office that a sentence ends with ("the data of", "press office")."""
_GIVEN_TO = re.compile(r"(?<!\w)(?:for|among)\s\Z")
_SPEAKER_REACH = 110
_COLON_REACH = 90
_BEFORE_INVERSION = frozenset(",—–-»”")
_INVERSION_REACH = 25
"""How far behind such a verb its subject may begin."""
_WORDS_BEFORE_OFFICE = 3
"""More words before it, and an office is not what a colon makes speak: "A bomb hit X: ..."."""
_NAME_WORDS = 4
"""How many words between an office and its colon may name who holds it."""
_ABOUT_THIS_REACH = 4
"""How many sentences on "this was reported by X" may stand."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A speaker found in a sentence.

    `reach` is the stretch of text he speaks for; `verb` the place of the word that makes him speak.
    `is_trailing`: named after what he says, so that sentences before may be his too.
    """

    start: int
    end: int
    verb: int
    attribution: Attribution
    reach: tuple[int, int]
    is_trailing: bool
    role_start: int
    role_end: int
    says: bool = False
    """Found by a verb of speech, so that the next sentence may still be his."""
    says_before: bool = False
    """Found by "this was said by": what stands before is his."""


def find_voices(
    text: str,
    folded: str,
    sentences: tuple[Sentence, ...],
    quotes: tuple[Quote, ...],
    lexicon: Lexicon,
) -> tuple[Voice, ...]:
    """Find every speaker of a text, in order."""
    bare = _without_quotes(folded, quotes)
    voices: list[Voice] = []
    known: dict[str, Attribution] = {}
    for sentence in sentences:
        found = _according(text, bare, sentence, lexicon)
        if all(v.attribution.role is SpeakerRole.UNNAMED for v in found):
            # "X reported damage, according to preliminary information": X speaks.
            found = _speaking(text, bare, sentence, lexicon, known) or found
        found = found or _named_last(text, bare, sentence, lexicon)
        colon = _before_colon(text, bare, sentence, sentences, lexicon)
        if colon is not None:
            found = [colon, *(v for v in found if v.start > colon.end)]
        if not found and voices and (said := _by_pronoun(bare, sentence, lexicon)) is not None:
            start, end = said
            found = [
                Voice(
                    start, end, end, voices[-1].attribution,
                    (sentence.start, sentence.end), False, start, end, says=True,
                )
            ]  # fmt: skip
        is_about_this = lexicon.about_this.match(bare, sentence.start) is not None
        if is_about_this and not found:
            found = _named_in(text, bare, sentence, lexicon)
        for voice in found:
            name = voice.attribution.name
            if name:
                known.setdefault(_surname(name), voice.attribution)
        if is_about_this:
            found = [replace(v, says_before=True) for v in found]
        voices += found
    return tuple(voices)


def _by_pronoun(bare: str, sentence: Sentence, lexicon: Lexicon) -> tuple[int, int] | None:
    """Return where a sentence says "he said", at its head or after a comma ("..., he added")."""
    for match in lexicon.pronoun_speech.finditer(bare, sentence.start, sentence.end):
        if match.start() == sentence.start or bare[
            sentence.start : match.start()
        ].rstrip().endswith(","):
            return match.span()
    return None


def attribute(
    text: str,
    start: int,
    end: int,
    sentence: Sentence,
    sentences: tuple[Sentence, ...],
    quotes: tuple[Quote, ...],
    voices: tuple[Voice, ...],
    places: tuple[PlaceRef, ...],
    speaker_places: dict[int, PlaceRef],
    gazetteer: Gazetteer,
    kind: ClaimKind,
) -> Attribution:
    """Say who asserts what stands at [start, end).

    In a quotation it is the one quoted; else the speaker whose reach covers it; else a speaker
    named at the end of a later sentence of the same paragraph, when the place is his; else the
    report itself.
    """
    for i, quote in enumerate(quotes):
        if quote.start <= start < quote.end:
            return _quoted(text, i, quotes, voices)
    covering = [v for v in voices if v.reach[0] <= start < v.reach[1]]
    if covering:
        return min(covering, key=lambda v: abs(v.verb - start)).attribution
    return (
        _named_later(sentence, sentences, voices, places, speaker_places, gazetteer)
        or _goes_on(sentence, sentences, voices, kind)
        or SELF
    )


def _goes_on(
    sentence: Sentence,
    sentences: tuple[Sentence, ...],
    voices: tuple[Voice, ...],
    kind: ClaimKind,
) -> Attribution | None:
    """Return who said the sentence before: "X said that A. B." is told by X as long as nobody else
    is named, and B is what X tells of; how many were hurt may stand two sentences later.
    "According to X" speaks for its own sentence only."""
    at = number_of_sentence(sentences, sentence.start) or 0
    reach = _HARM_GOES_ON if kind is ClaimKind.CASUALTIES else 1
    if any(sentence.start <= v.start < sentence.end for v in voices):
        return None
    for before in reversed(sentences[max(0, at - reach) : at]):
        if before.paragraph != sentence.paragraph:
            return None
        inside = [v for v in voices if before.start <= v.start < before.end]
        if not inside:
            continue
        voice = inside[0]
        role = voice.attribution.role
        if any(v.attribution.role is not role for v in inside):
            return None
        if not any(v.says or v.says_before for v in inside):
            return None
        tells = SUPPLIERS if kind in OF_SUPPLY else BODIES - SUPPLIERS
        return voice.attribution if role in tells and kind is not ClaimKind.CONDITIONS else None
    return None


def _named_later(
    sentence: Sentence,
    sentences: tuple[Sentence, ...],
    voices: tuple[Voice, ...],
    places: tuple[PlaceRef, ...],
    speaker_places: dict[int, PlaceRef],
    gazetteer: Gazetteer,
) -> Attribution | None:
    at = number_of_sentence(sentences, sentence.start) or 0
    for later in sentences[at + 1 : at + 1 + _ABOUT_THIS_REACH]:
        if later.paragraph > sentence.paragraph + 1:
            break
        told = next((v for v in voices if later.start <= v.start < later.end), None)
        if told is not None:
            if told.says_before:
                return told.attribution
            break
    for later in sentences[at + 1 : at + 3]:
        if later.paragraph != sentence.paragraph:
            return None
        inside = [v for v in voices if later.start <= v.start < later.end]
        if not inside:
            continue
        voice = inside[0]
        own = speaker_places.get(voice.role_start)
        if not voice.is_trailing or own is None or own.code is None:
            return None
        oblast = gazetteer.level_up(own.code, PlaceLevel.OBLAST)
        if oblast is None:
            return None
        codes = [p.code for p in places if p.code is not None]
        if codes and all(gazetteer.contains(oblast.code, c) for c in codes):
            return voice.attribution
        return None
    return None


def _quoted(text: str, i: int, quotes: tuple[Quote, ...], voices: tuple[Voice, ...]) -> Attribution:
    quote = quotes[i]
    after = [v for v in voices if -3 <= v.start - quote.end <= 60]
    # A quotation that closes its own sentence is not said by whom the next sentence begins with.
    goes_on = re.match(r"\W+[^\W\d_A-ZА-ЯІЇЄҐ]", text[quote.end : quote.end + 8]) is not None
    if after and (text[quote.end - 1] not in ".!?…" or goes_on):
        return min(after, key=lambda v: v.start).attribution
    before = [
        v for v in voices if 0 <= quote.start - v.end <= 60 or v.start < quote.start <= v.reach[1]
    ]
    if before:
        return max(before, key=lambda v: v.start).attribution
    if i and quotes[i - 1].end < quote.start and quote.start - quotes[i - 1].end < 250:
        return _quoted(text, i - 1, quotes, voices)
    return Attribution(role=SpeakerRole.UNNAMED)


def _according(text: str, bare: str, sentence: Sentence, lexicon: Lexicon) -> list[Voice]:
    """ "According to X, ...", "..., according to X", "за даними X", "warnings from X"."""
    out: list[Voice] = []
    for match in lexicon.according_to.finditer(bare, sentence.start, sentence.end):
        stop = _SOURCE_ENDS.search(bare, match.end(), sentence.end)
        end = stop.start() if stop else sentence.end
        role = _role(bare, match.start(), end, lexicon)
        if role is None:
            continue
        is_noun = match.group().rstrip().endswith(
            (" from", " by")
        ) and not match.group().startswith("in a")
        is_trailing = match.start() >= sentence.segments[0][1]
        reach = (sentence.start, sentence.end)
        if is_noun and is_trailing:
            reach = next((s for s in sentence.segments if s[0] <= match.start() < s[1]), reach)
            is_trailing = False
        out.append(
            _voice(text, lexicon, match.start(), end, match.start(), role, reach, is_trailing)
        )
    return out[:2]


def _speaking(
    text: str, bare: str, sentence: Sentence, lexicon: Lexicon, known: dict[str, Attribution]
) -> list[Voice]:
    """ "X said that ...", "..., said X", "X: ..."."""
    out: list[Voice] = []
    floor = sentence.start
    for match in lexicon.speech.finditer(bare, sentence.start, sentence.end):
        if _NEGATED.search(bare[max(0, match.start() - 12) : match.start()]):
            continue
        if out and match.start() < out[-1].end:
            continue
        before = max(floor, match.start() - _SPEAKER_REACH)
        role = _right_after(bare, match.start(), match.end(), sentence, lexicon)
        if role is None:
            role = _role(bare, before, match.start(), lexicon, last=True)
        if role is not None and _GIVEN_TO.search(bare, max(0, role[1] - 8), role[1]):
            # "A source for residents, advising them": they are told, not speaking.
            role = _role(bare, before, role[1], lexicon, last=True)
        if role is None:
            stop = _CLAUSE_ENDS.search(bare, match.end(), sentence.end)
            end = min(stop.start() if stop else sentence.end, match.end() + _SPEAKER_REACH)
            role = _role(bare, match.end(), end, lexicon)
            near = _GOES_ON.search(bare, match.end(), end)
            if (
                role is not None
                and near
                and near.group().strip() in {"that", "що", "что", ", що", ", что"}
                and role[1] > near.start()
            ):
                role = None
        if role is None:
            named = _known_name(
                text, max(floor, match.start() - 60), min(sentence.end, match.end() + 60), known
            )
            if named is None:
                continue
            attribution, start, end = named
            out.append(
                Voice(
                    min(start, match.start()), max(end, match.end()), match.start(), attribution,
                    (sentence.start, sentence.end), False, start, end,
                )
            )  # fmt: skip
            continue
        start, end = min(role[1], match.start()), max(role[2], match.end())
        out.append(
            replace(
                _voice(text, lexicon, start, end, match.start(), role,
                       (sentence.start, sentence.end), role[1] > match.start()),
                says=True,
            )
        )  # fmt: skip
        floor = out[-1].end
    return out[:2]


def _named_last(text: str, bare: str, sentence: Sentence, lexicon: Lexicon) -> list[Voice]:
    """ "..., — head of the administration", "... (the operator)": they say what stands before."""
    tail = _TAIL.search(bare, sentence.start, sentence.end)
    if tail is None:
        return []
    role = _role(bare, tail.start(1), tail.end(1), lexicon)
    if role is None or role[1] - tail.start(1) > _BEFORE_OFFICE_CHARS:
        return []
    after = text[role[2] : tail.end(1)].split()
    if any(word[0].islower() for word in after):
        return []  # "- the crews are working": not an office alone
    return [
        _voice(text, lexicon, role[1], tail.end(1), tail.start(), role,
               (sentence.start, sentence.end), True)
    ]  # fmt: skip


def _right_after(
    bare: str, start: int, end: int, sentence: Sentence, lexicon: Lexicon
) -> tuple[SpeakerRole, int, int] | None:
    """ "9,000 residents have no light, says the operator": who follows a verb after a comma."""
    if bare[sentence.start : start].rstrip()[-1:] not in _BEFORE_INVERSION:
        return None
    role = _role(bare, end, min(sentence.end, end + _SPEAKER_REACH), lexicon)
    return role if role is not None and role[1] - end <= _INVERSION_REACH else None


def _named_in(text: str, bare: str, sentence: Sentence, lexicon: Lexicon) -> list[Voice]:
    """ "All this is from the digest of X"."""
    role = _role(bare, sentence.start, sentence.end, lexicon)
    if role is None:
        return []
    reach = (sentence.start, sentence.end)
    return [_voice(text, lexicon, role[1], role[2], role[1], role, reach, True)]


def _before_colon(
    text: str,
    bare: str,
    sentence: Sentence,
    sentences: tuple[Sentence, ...],
    lexicon: Lexicon,
) -> Voice | None:
    """ "Head of the administration: ..." speaks for the rest of the paragraph."""
    colon = _COLON.search(bare, sentence.start, sentence.end)
    if colon is None or colon.start() - sentence.start > _COLON_REACH:
        return None
    role = _role(bare, sentence.start, colon.start(), lexicon)
    if role is None or role[0] is SpeakerRole.LOCAL_RESIDENTS:
        return None  # "Residents of the left bank: ..." are spoken to
    says = lexicon.speech.search(bare, sentence.start, colon.start())
    if says is None and (
        len(bare[sentence.start : role[1]].split()) > _WORDS_BEFORE_OFFICE
        or len(bare[role[2] : colon.start()].split()) > _NAME_WORDS
    ):
        return None
    end = sentence.end
    for later in sentences:
        if later.start > sentence.start and later.paragraph == sentence.paragraph:
            end = later.end
    return _voice(
        text, lexicon, sentence.start, colon.start(), colon.start(), role,
        (sentence.start, end), False,
    )  # fmt: skip


def _voice(
    text: str,
    lexicon: Lexicon,
    start: int,
    end: int,
    verb: int,
    role: tuple[SpeakerRole, int, int],
    reach: tuple[int, int],
    is_trailing: bool,
) -> Voice:
    name = None
    for pair in _CAPITAL_PAIR.finditer(
        text, max(reach[0], role[1] - 40), min(len(text), role[2] + 40)
    ):
        if pair.group(1).lower() in lexicon.given_names:
            name = pair.group()
            start, end = min(start, pair.start()), max(end, pair.end())
            break
    chain = []
    folded_reach = text[reach[0] : reach[1]].lower()
    medium = lexicon.media.search(folded_reach)
    if medium:
        chain.append(text[reach[0] + medium.start() : reach[0] + medium.end()])
    chain.append(text[role[1] : role[2]])
    attribution = Attribution(
        role=role[0], name=name, chain=tuple(chain), span=Span(start, end, text[start:end])
    )
    return Voice(start, end, verb, attribution, reach, is_trailing, role[1], role[2])


def _role(
    bare: str, start: int, end: int, lexicon: Lexicon, *, last: bool = False
) -> tuple[SpeakerRole, int, int] | None:
    """Return the office named in a stretch: of several, the first (or last); the longest name."""
    found: list[tuple[int, int, int, SpeakerRole]] = []
    for order, (role, pattern) in enumerate(lexicon.speakers.present(bare)):
        found += [(m.start(), m.end(), order, role) for m in pattern.finditer(bare, start, end)]
    kept = [
        f for f in found
        if not any(
            g is not f and g[0] < f[1] and f[0] < g[1]
            and ((g[1] - g[0], -g[2]) > (f[1] - f[0], -f[2]))
            for g in found
        )
    ]  # fmt: skip
    if not kept:
        return None
    s, e, _, role = (max if last else min)(kept)
    return role, s, e


def _known_name(
    text: str, start: int, end: int, known: dict[str, Attribution]
) -> tuple[Attribution, int, int] | None:
    for match in _CAPITAL.finditer(text, start, end):
        attribution = known.get(_surname(match.group()))
        if attribution is not None:
            return attribution, match.start(), match.end()
    return None


def _surname(name: str) -> str:
    word = name.split()[-1].lower()
    return word[: max(4, len(word) - 2)]


def _without_quotes(folded: str, quotes: tuple[Quote, ...]) -> str:
    if not quotes:
        return folded
    out = list(folded)
    for quote in quotes:
        out[quote.start : quote.end] = " " * (quote.end - quote.start)
    return "".join(out)
