"""The public preview of a channel (`https://t.me/s/<channel>`), fetched or saved."""

from __future__ import annotations

from datetime import datetime

from lxml import etree, html

from lightkeeper.errors import ReportUnreadable
from lightkeeper.reports.telegram import Chat, Message
from lightkeeper.reports.webpage import visible_text

MARK = "tgme_widget_message"
MEND_PAGE = "open https://t.me/s/<channel> and save the page again"


def is_channel_page(markup: str) -> bool:
    """Whether a page is such a preview, by its class names."""
    return f'class="{MARK}' in markup


def read_channel_page(markup: str, *, where: str) -> Chat:
    """Read the messages that the page shows, oldest first.

    Service messages and messages without words are no reports, but they are present. The page says
    that a message was edited, not when.

    Raises
    ------
    ReportUnreadable
        No channel page, or one whose messages have no number or no time with an offset.
    """
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True)
    try:
        root = html.document_fromstring(markup.encode("utf-8"), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise ReportUnreadable(where, "it is not HTML", MEND_PAGE) from error
    shown = [e for e in root.iter("div") if MARK in _classes(e) and e.get("data-post")]
    if not shown:
        raise ReportUnreadable(where, "no message of a channel is on the page", MEND_PAGE)
    name = _first_text(root, "tgme_channel_info_header_title") or _first_text(
        root, "tgme_widget_message_owner_name"
    )
    messages: list[Message] = []
    present: set[int] = set()
    for element in shown:
        handle, _, number = (element.get("data-post") or "").partition("/")
        if not number.isdecimal():
            raise ReportUnreadable(where, f"message {number!r} has no number", MEND_PAGE)
        present.add(int(number))
        if "service_message" in _classes(element):
            continue
        message = _message(element, number, name or handle, f"{where}, message {number}")
        if message is not None:
            messages.append(message)
    return Chat(name=name or handle, messages=tuple(messages), present=frozenset(present))


def _message(element: html.HtmlElement, number: str, chat: str, where: str) -> Message | None:
    bodies = [
        e
        for e in element.iter()
        if "js-message_text" in _classes(e) or "tgme_widget_message_text" in _classes(e)
        # The message answered is quoted inside the answer.
        if not any("tgme_widget_message_reply" in _classes(a) for a in (e, *e.iterancestors()))
    ]
    text = visible_text(bodies[0], where=where) if bodies else ""
    if not text:
        return None
    reply = next((e for e in element.iter("a") if "tgme_widget_message_reply" in _classes(e)), None)
    return Message(
        chat=chat,
        item=number,
        text=text,
        published_at=_published_at(element, where),
        reply_to=_last_part(reply.get("href") or "") if reply is not None else None,
        forwarded_from=_first_text(element, "tgme_widget_message_forwarded_from_name"),
        is_edited=(_first_text(element, "tgme_widget_message_meta") or "").startswith("edited"),
    )


def _published_at(element: html.HtmlElement, where: str) -> datetime:
    for link in element.iter("a"):
        if "tgme_widget_message_date" not in _classes(link):
            continue
        for time in link.iter("time"):
            try:
                at = datetime.fromisoformat(time.get("datetime") or "")
            except ValueError:
                continue
            if at.tzinfo is not None:
                return at
    raise ReportUnreadable(where, "it has no time with an offset", MEND_PAGE)


def _first_text(element: html.HtmlElement, name: str) -> str | None:
    for found in element.iter():
        if name in _classes(found):
            return " ".join(found.text_content().split()) or None
    return None


def _last_part(address: str) -> str | None:
    number = address.split("?")[0].rstrip("/").rpartition("/")[2]
    return number if number.isdecimal() else None


def _classes(element: html.HtmlElement) -> list[str]:
    return (element.get("class") or "").split() if isinstance(element.tag, str) else []
