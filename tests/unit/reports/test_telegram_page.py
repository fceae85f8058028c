"""Public preview pages of channels."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from lightkeeper.errors import ReportUnreadable
from lightkeeper.reports import MediaType, read_document
from lightkeeper.reports.telegram_page import is_channel_page, read_channel_page

HEAD = """<!DOCTYPE html><html><head><title>Лубни сьогодні – Telegram</title></head><body>
<div class="tgme_channel_info"><div class="tgme_channel_info_header_title"><span dir="auto">Лубни
 сьогодні</span></div></div><section class="tgme_channel_history js-message_history">"""


def bubble(
    number: int, inner: str, *, at: str = "2026-01-10T04:10:00+00:00", meta: str = ""
) -> str:
    return f"""<div class="tgme_widget_message_wrap js-widget_message_wrap">
<div class="tgme_widget_message js-widget_message" data-post="lubny/{number}">
<a class="tgme_widget_message_owner_name"><span>Л</span></a>
{inner}
<div class="tgme_widget_message_footer"><span class="tgme_widget_message_views">1.2K</span>
<span class="tgme_widget_message_meta">{meta}<a class="tgme_widget_message_date"
 href="https://t.me/lubny/{number}"><time datetime="{at}" class="time">06:10</time></a></span>
</div></div></div>"""


def words(text: str) -> str:
    return f'<div class="tgme_widget_message_text js-message_text" dir="auto">{text}</div>'


SERVICE = """<div class="tgme_widget_message_wrap"><div class="tgme_widget_message service_message"
 data-post="lubny/10"><div class="tgme_widget_message_text">Channel created</div></div></div>"""
PHOTO = '<a class="tgme_widget_message_photo_wrap" href="https://t.me/lubny/12"></a>'
FORWARD = """<div class="tgme_widget_message_forwarded_from accent_color">Forwarded from
 <a class="tgme_widget_message_forwarded_from_name" href="https://t.me/ova/5"><span>Полтавська
 ОВА</span></a></div>"""
REPLY = """<a class="tgme_widget_message_reply" href="https://t.me/lubny/11?single">
<div class="tgme_widget_message_author_name">Лубни</div>
<div class="tgme_widget_message_text js-message_reply_text">Раніше</div></a>"""
PAGE = "".join(
    (
        HEAD,
        SERVICE,
        bubble(
            11,
            words(
                'У <b>Лубнах</b> немає світла.<br/><i class="emoji"><b>🔴</b></i> '
                'Деталі <a href="https://t.me/lubny">тут</a><script>go()</script>'
            ),
        ),
        bubble(12, PHOTO),
        bubble(13, REPLY + FORWARD + words("Світло повертається."), meta="edited &nbsp;"),
        "</section></body></html>",
    )
)


def test_messages_of_a_page() -> None:
    chat = read_channel_page(PAGE, where="page")
    first, second = chat.messages
    assert chat.name == "Лубни сьогодні"
    assert chat.present == {10, 11, 12, 13}
    assert (first.item, first.text) == ("11", "У Лубнах немає світла.\n🔴 Деталі тут")
    assert first.published_at == datetime(2026, 1, 10, 4, 10, tzinfo=UTC)
    assert (first.is_edited, first.forwarded_from, first.reply_to) == (False, None, None)
    assert second.text == "Світло повертається."
    assert (second.is_edited, second.edited_at) == (True, None)
    assert second.forwarded_from == "Полтавська ОВА"
    assert second.reply_to == "11"


def test_a_saved_page_is_read_as_its_channel(tmp_path: Path) -> None:
    path = tmp_path / "lubny.html"
    path.write_text(PAGE, encoding="utf-8")
    document = read_document(path)
    assert [r.item for r in document.reports] == ["11", "13"]
    assert {r.media_type for r in document.reports} == {MediaType.TELEGRAM}
    assert document.coverage[0].present == {10, 11, 12, 13}


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (HEAD, "no message"),
        ("", "no message|not HTML"),
        (PAGE.replace("lubny/11", "lubny/eleven"), "no number"),
        (PAGE.replace("2026-01-10T04:10:00+00:00", "2026-01-10T04:10:00"), "no time"),
        (PAGE.replace("2026-01-10T04:10:00+00:00", "soon"), "no time"),
    ],
)
def test_what_is_no_such_page_is_refused(page: str, reason: str) -> None:
    with pytest.raises(ReportUnreadable, match=reason):
        read_channel_page(page, where="page")


def test_other_pages_are_no_channel_pages() -> None:
    assert is_channel_page(PAGE)
    assert not is_channel_page("<html><p>about tgme_widget_message</p></html>")
