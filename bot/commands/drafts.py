"""How an answer that a language model drafted came about, in lines for whoever reviews it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.bootstrap import House
from bot.console.drafted import answers, event_of
from bot.domain.escalation import AuditEvent
from bot.domain.message import PatientId


def listed(house: House, patient_id: PatientId, limit: int) -> list[str]:
    """A line for each, the newest first: ids and numbers, no words of anybody."""
    with house.store.reading() as rows:
        return [_head(one) for one in rows.audit.drafted(patient_id, limit)]


def shown(house: House, patient_id: PatientId, message: str, member: str) -> list[str]:
    """All of one; () where there is none. That somebody looked is noted in the trail."""
    now = house.services.clock()
    with house.store.unit_of_work() as work:
        event = event_of(work, patient_id, message)
        if event is None:
            return []
        kept = work.audit.evidence(str(event.detail.get("evidence", "")))
        said = [one.text for one in answers(work, message)]
        work.audit.add(
            AuditEvent(at=now, actor=member, type="viewed.draft", subject=message,
                       patient_id=patient_id)
        )  # fmt: skip
    lines = [_head(event)]
    lines += _kept(kept) if kept else ["Nothing was kept of it."]
    return [*lines, "", "Said:", *(said or ["(no longer kept)"])]


def _head(event: AuditEvent) -> str:
    detail: Mapping[str, Any] = event.detail
    first = f"{event.subject}  {event.at:%Y-%m-%d %H:%M}  {detail.get('model', '')}"
    prompt = f"prompt {detail.get('prompt', '')}"
    if "failed" in detail:
        return f"{first}  {prompt}{_took(detail)}  failed: {detail['failed']}"
    verdicts = ", ".join(f"{count} {what}" for what, count in detail.get("verdicts", {}).items())
    return (
        f"{first}  {prompt}  check {detail.get('check', '')}  {detail.get('tokens', 0)} tokens in "
        f"{detail.get('rounds', 0)} rounds{_took(detail)}  sentences: {verdicts or 'none'}; "
        f"{detail.get('said', 0)} said"
    )


def _took(detail: Mapping[str, Any]) -> str:
    return f"  {detail['seconds']} s" if "seconds" in detail else ""


def _kept(kept: Mapping[str, Any]) -> list[str]:
    """What was sealed: the draft, its sentences with their verdicts, the passages.

    Where the model failed, only the passages.
    """
    judged = [
        f"  [{verdict}] {text} ({', '.join(cites) or 'cites nothing'})"
        for text, cites, verdict in kept.get("verdicts", [])
    ]
    passages = [f"  [{mark}] {text}" for mark, text in kept.get("passages", [])]
    written = []
    if "draft" in kept:
        written = ["", "Draft:", str(kept["draft"]), "", "Sentences:", *judged]
    return [*written, "", "Passages it was shown:", *passages]
