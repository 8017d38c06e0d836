"""Answers that a language model was asked for, as the console's tests find them kept."""

from __future__ import annotations

from console_house import House

from bot.domain.escalation import AuditEvent
from bot.domain.message import PatientId

QUESTION = "what foods raise potassium?"
SAID = "Juices, broth and dried fruit give a lot in a small amount. [1]"
PASSAGES = [
    ["potassium_in_food", "Juices, broth and dried fruit give a lot in a small amount."],
    ["record", "2026-11-23: potassium 5.4 mmol/L"],
]
MESSAGE = "telegram/ankang/77"  #: ids hold slashes


def worded(house: House, who: PatientId, message: str = MESSAGE) -> None:
    """One sentence of two was said."""
    detail: dict[str, object] = {
        "model": "openai:small", "prompt": "0123456789ab", "check": "words", "tokens": 812,
        "rounds": 2, "used": ["search_library", "my_notes"], "said": 1, "seconds": 3.4,
        "verdicts": {"supported": 1, "uncited": 1},
    }  # fmt: skip
    kept: dict[str, object] = {
        "draft": f"{SAID} Honey cures diabetes.",
        "verdicts": [
            [SAID.removesuffix(" [1]"), ["potassium_in_food"], "supported"],
            ["Honey cures diabetes.", [], "uncited"],
            ["Take two tablets more.", ["record"], "review: dose_change"],
        ],
        "passages": PASSAGES,
    }
    _keep(house, who, message, detail, kept)


def failed(house: House, who: PatientId, message: str, why: str) -> None:
    """The library answered, because the model did not."""
    detail: dict[str, object] = {
        "model": "openai:small", "prompt": "0123456789ab", "why": why, "seconds": 20.0,
        "failed": "the language model gave no reply in time",
    }  # fmt: skip
    _keep(house, who, message, detail, {"passages": PASSAGES})


def _keep(
    house: House,
    who: PatientId,
    message: str,
    detail: dict[str, object],
    kept: dict[str, object],
) -> None:
    house.said(who, message, QUESTION, minutes_ago=2)
    house.said(who, f"{message}/reply/0", SAID, author="bot", minutes_ago=1.9)
    now = house.clock()
    with house.store.unit_of_work() as work:
        sealed = work.audit.seal(who, f"{message}/drafting", now, kept)
        work.audit.add(
            AuditEvent(at=now, actor="bot", type="answer.drafted", subject=message,
                       patient_id=who, detail={**detail, **sealed})
        )  # fmt: skip
