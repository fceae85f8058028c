"""Notices as OASIS Common Alerting Protocol 1.2 messages, and checks the schema does not make.

Source: OASIS CAP 1.2 (2010). The published XML schema accepts open polygons and any order of
times, and refuses ``Z`` in times; `check_cap` closes those gaps.
"""

from __future__ import annotations

from datetime import UTC, datetime

from lxml import etree

from lightkeeper.errors import NotAllowed, Problem
from lightkeeper.notices.catalogue import load_texts
from lightkeeper.notices.model import CapStatus, Notice, NoticeClass

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
_CATEGORY = {
    NoticeClass.LIFE_SAFETY: "Safety",
    NoticeClass.PLANNED: "Infra",
    NoticeClass.UNPLANNED: "Infra",
}
_RESPONSE = {
    NoticeClass.LIFE_SAFETY: "Shelter",
    NoticeClass.PLANNED: "Prepare",
    NoticeClass.UNPLANNED: "Monitor",
}
_LANGUAGE_TAG = {"uk": "uk-UA", "en": "en-GB"}


def to_cap(notice: Notice, *, sender: str) -> bytes:
    """Return the approved notice as CAP 1.2 XML, UTF-8.

    Raises
    ------
    NotAllowed
        The notice is not approved: an unapproved text never takes the form of an alert.
    """
    if notice.approved_by is None or notice.approved_at is None:
        raise NotAllowed(f"notice {notice.id} is a draft; a named person must approve it first")
    sent = max(notice.approved_at, notice.not_before)
    # The stubs do not know that None is lxml's key for the default namespace.
    alert = etree.Element(f"{{{NAMESPACE}}}alert", nsmap={None: NAMESPACE})  # type: ignore[dict-item]
    _add(alert, "identifier", f"{sender}.{notice.id}.{sent:%Y%m%d%H%M%S}")
    _add(alert, "sender", sender)
    _add(alert, "sent", _time(sent))
    _add(alert, "status", notice.status)
    _add(alert, "msgType", "Alert")
    _add(alert, "scope", "Public")
    if notice.status is CapStatus.EXERCISE:
        _add(alert, "note", " / ".join(str(load_texts(lang)["exercise"]) for lang in ("en", "uk")))
    for text in notice.texts:
        info = _add(alert, "info")
        _add(info, "language", _LANGUAGE_TAG[text.language])
        _add(info, "category", _CATEGORY[notice.notice_class])
        _add(info, "event", text.event)
        _add(info, "responseType", _RESPONSE[notice.notice_class])
        _add(info, "urgency", notice.urgency)
        _add(info, "severity", notice.severity)
        _add(info, "certainty", notice.certainty)
        _add(info, "expires", _time(notice.expires_at))
        _add(info, "senderName", str(load_texts(text.language)["sender_name"]))
        _add(info, "headline", text.headline)
        _add(info, "description", text.description)
        _add(info, "instruction", text.instruction)
        area = _add(info, "area")
        _add(area, "areaDesc", notice.area_uk if text.language == "uk" else notice.area_en)
        _add(area, "polygon", " ".join(f"{lat:.4f},{lon:.4f}" for lat, lon in notice.polygon))
    return etree.tostring(alert, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def check_cap(message: bytes) -> list[Problem]:
    """Return what is wrong with a CAP 1.2 message beyond what its schema checks."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(message, parser)
    problems = []

    def fault(where: str, what: str, mend: str) -> None:
        problems.append(Problem(where, what, mend))

    def texts(name: str) -> list[str]:
        return [e.text or "" for e in root.iter(f"{{{NAMESPACE}}}{name}")]

    for name in ("sent", "effective", "onset", "expires"):
        for value in texts(name):
            if value.endswith("Z"):
                fault(name, f'"{value}" ends in Z', 'write the zone as "+00:00" or "-00:00"')
    sent = texts("sent")
    for value in texts("expires"):
        if sent and datetime.fromisoformat(value) <= datetime.fromisoformat(sent[0]):
            fault("expires", f'"{value}" is not after sent "{sent[0]}"', "send a new message")
    for value in texts("polygon"):
        pairs = value.split()
        if len(pairs) < 4 or pairs[0] != pairs[-1]:
            fault("polygon", "is not a closed ring", "repeat the first point at the end")
        for pair in pairs:
            lat, lon = (float(x) for x in pair.split(","))
            if not (-90 <= lat <= 90 and -180 <= lon <= 180):
                fault("polygon", f'"{pair}" is outside the globe', "write latitude,longitude")
    if texts("status") == [CapStatus.EXERCISE]:
        if not any(texts("note")):
            fault("note", "is missing from an exercise", "say that it is an exercise")
        for value in texts("headline"):
            if "EXERCISE" not in value and "НАВЧАННЯ" not in value:
                fault("headline", "does not say that this is an exercise", "begin with the mark")
    for value in texts("headline"):
        if len(value) > 160:
            fault("headline", f"has {len(value)} characters", "shorten it to 160")
    return problems


def _time(at: datetime) -> str:
    return at.astimezone(UTC).replace(microsecond=0).isoformat()


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    element.text = None if text is None else str(text)
    return element
