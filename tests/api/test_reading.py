"""What would be read in a text, and a second reading, over HTTP."""

from __future__ import annotations

import httpx

from lightkeeper.reports.read import ReadOptions


def test_a_text_is_read_and_not_kept(client: httpx.Client) -> None:
    before = [r["id"] for r in client.get("/api/picture").json()["reports"]]
    text = "У Лубнах троє загиблих. <script>alert(1)</script>"
    body = {"text": text, "published_at": "2026-01-10T06:10:00+02:00"}
    answer = client.post("/api/try", json=body)
    assert answer.status_code == 200
    tried = answer.json()
    assert tried["text"] == text
    (claim,) = tried["claims"]
    span = claim["span"]
    assert text[span["start"] : span["end"]] == span["text"]
    assert [n["name_en"] for n in tried["place_names"]] == ["Lubny"]
    assert tried["second"] is None
    assert [r["id"] for r in client.get("/api/picture").json()["reports"]] == before


def test_what_is_no_report_is_refused(client: httpx.Client) -> None:
    for text in ("", " \n", "x" * (ReadOptions().max_chars + 1)):
        answer = client.post("/api/try", json={"text": text})
        assert answer.status_code == 422
        assert answer.json()["error"] == "ReportUnreadable"


def test_without_a_language_model_there_is_none_to_ask(client: httpx.Client) -> None:
    assert client.get("/api/language-model").json() is None
    report = client.get("/api/picture").json()["reports"][0]["id"]
    for answer in (
        client.post(f"/api/reports/{report}/second-reading"),
        client.post("/api/try", json={"text": "Вибухи у Лубнах", "with_model": True}),
    ):
        assert answer.status_code == 404
        assert "LIGHTKEEPER_LANGUAGE_MODEL_URL" in answer.json()["message"]


def test_the_public_gets_no_second_reading(client: httpx.Client) -> None:
    report = client.get("/api/picture").json()["reports"][0]["id"]
    answer = client.post(f"/api/reports/{report}/second-reading", params={"audience": "public"})
    assert answer.status_code == 403


def test_a_page_of_another_origin_sends_no_text_out(client: httpx.Client) -> None:
    answer = client.post(
        "/api/try", json={"text": "Вибухи"}, headers={"Origin": "https://attacker.example"}
    )
    assert answer.status_code == 403
