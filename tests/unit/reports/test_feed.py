"""RSS and Atom."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lightkeeper.errors import ReportUnreadable
from lightkeeper.reports.feed import read_feed

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Обласні новини</title>
<item><title>Лубни без світла</title><link>https://news.test/1</link><guid>n1</guid>
<pubDate>Sat, 10 Jan 2026 06:10:00 +0200</pubDate>
<description>&lt;p&gt;Коротко&lt;/p&gt;</description>
<content:encoded><![CDATA[<p>У <b>Лубнах</b> немає світла.</p><script>go()</script><p>Бригади
 працюють.</p>]]></content:encoded></item>
<item><title>A &amp; B</title><link>https://news.test/2</link><description>Plain
 words</description></item>
<item><link>https://news.test/3</link></item>
</channel></rss>"""

ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Desk</title>
<entry><id>urn:1</id><title>Power is back</title><link href="https://news.test/a"/>
<published>2026-01-10T04:00:00Z</published><updated>2026-01-10T05:30:00+01:00</updated>
<summary>In Lubny.</summary></entry></feed>"""


def test_entries_of_rss() -> None:
    content = read_feed(RSS.encode(), where="feed")
    first, second = content.entries
    assert content.title == "Обласні новини"
    assert (first.item, first.title, first.link) == (
        "n1",
        "Лубни без світла",
        "https://news.test/1",
    )
    assert first.text == "Лубни без світла\n\nУ Лубнах немає світла.\nБригади працюють."
    assert first.published_at == datetime(2026, 1, 10, 4, 10, tzinfo=UTC)
    assert first.updated_at is None
    assert second.item == "https://news.test/2"
    assert second.text == "A & B\n\nPlain\nwords"
    assert second.published_at is None


def test_entries_of_atom_say_when_they_were_changed() -> None:
    (entry,) = read_feed(ATOM.encode(), where="feed").entries
    assert entry.text == "Power is back\n\nIn Lubny."
    assert entry.published_at == datetime(2026, 1, 10, 4, 0, tzinfo=UTC)
    assert entry.updated_at == datetime(2026, 1, 10, 4, 30, tzinfo=UTC)


def test_a_feed_cut_in_the_middle_gives_what_stands() -> None:
    cut = RSS[: RSS.index("<item><title>A")]
    assert [e.item for e in read_feed(cut.encode(), where="feed").entries] == ["n1"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html><body>hello</body></html>",
        b'{"items": []}',
        b"\xff\xfe\x00garbage",
        b"http://127.0.0.1:1/feed",
    ],
)
def test_what_is_no_feed_is_refused(data: bytes) -> None:
    with pytest.raises(ReportUnreadable, match="no RSS or Atom"):
        read_feed(data, where="feed")


def test_entities_that_could_unpack_to_any_size_are_refused() -> None:
    laughs = (
        b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><rss>&b;</rss>'
    )
    with pytest.raises(ReportUnreadable, match="entities"):
        read_feed(laughs, where="feed")
    file = b'<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss>&a;</rss>'
    with pytest.raises(ReportUnreadable, match="entities"):
        read_feed(file, where="feed")
