"""What patients write in the bench: the everyday mixture, in both languages."""

from __future__ import annotations

_EN = (
    "good morning",
    "my blood pressure is {top}/{low} today",
    "what did I tell you about my knee?",
    "can I eat grapefruit with my tablets?",
    "my knee has been sore since Monday when I climb the stairs",
)
_ZH = (
    "早上好",
    "今天血压 {top}/{low}",
    "我上次跟你说膝盖怎么了？",
    "吃药的时候能吃西柚吗？",
    "从周一开始我上楼的时候膝盖就疼",
)
KINDS = ("greeting", "reading", "memory question", "unknown question", "statement")


def message(patient: int, number: int) -> str:
    """The ``number``-th message of a patient in the patient's language."""
    words = (_ZH if patient % 2 else _EN)[number % len(_EN)]
    return words.format(top=110 + number * 7 % 30, low=70 + number * 3 % 15)


def reading(patient: int, number: int) -> str:
    """A weight that this patient names only once, so that its answer can be told apart."""
    value = f"{50 + number % 400 / 10:.1f}"
    return f"体重 {value} 公斤" if patient % 2 else f"weight {value} kg"
