"""Commands, and the words that mean them: STOP works in every state and every language."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from bot.conversation import pause_turn
from bot.conversation.enrol import consents_again, welcome
from bot.conversation.export import own_data
from bot.conversation.nurse_turn import passed_on
from bot.conversation.stop_turn import concern_of
from bot.domain.message import Button, Kind
from bot.domain.outbox import Draft
from bot.domain.patient import PatientStatus, Purpose
from bot.domain.turn import Concern, Turn
from bot.plans.wanted import in_language
from bot.ports import Services
from bot.whom_to_call import number_to_call
from memory.fact import PATIENTS_OWN
from prompts import say

_WORDS = {
    "stop": ("stop", "unsubscribe", "停止", "停", "退订", "别再发了", "不要再发了", "停止发送"),
    "help": (
        "help",
        "menu",
        "what can you do",
        "what can i do here",
        "how does this work",
        "帮助",
        "帮忙",
        "菜单",
        "怎么用",
        "你能做什么",
        "您能做什么",
        "你会做什么",
        "你会什么",
        "能做什么",
        "有什么功能",
    ),
    "start": ("start", "resume", "开始", "恢复"),
}
#: The same wish in a whole sentence; one purpose alone is the matter of stop_turn.
SILENCE = re.compile(
    r"^\W*(?:(?:please|can you|could you|i want you to|i(?:'d| would) like you to)\W+)*"
    r"(?:stop|quit) (?:messaging|texting|writing(?: to)?|contacting|bothering|sending me) ?"
    r"(?:me|anything|messages?|texts?|all|any ?more|now|please|\W)*$"
    r"|^\W*(?:please )?(?:don'?t|do not|never) (?:message|text|write(?: to)?|contact|bother) me"
    r"(?: again| any ?more| ever)*\W*$"
    r"|^\W*(?:please )?(?:don'?t|do not|never) send me (?:anything|messages?|texts?|any messages?)"
    r"(?: again| any ?more| ever)*\W*$"
    r"|^\W*(?:leave me alone|no more (?:messages|texts)|(?:take|remove) me(?: off.{0,20})?|td)\W*$"
    r"|^\W*(?:(?:ok|okay|please|pls|plz|just|now|enough|can you|could you|i want you to|"
    r"i want to|i(?:'d| would) like you to)\W+)*"
    r"(?:s\W?t\W?[o0]\W?p+|unsubscribe|opt[ -]?out|stop\W?all)"
    r"(?:\W+(?:please|pls|plz|now|already|it|this|that|all|everything|thanks|thank you|stop|me|"
    r"any|the|your|these|of|messages?|texts?|messaging|texting|notifications?))*\W*$"
    r"|^\W*(?:please )?i (?:don'?t|do not) (?:want|wish|need)(?: to (?:get|have|receive))?"
    r"(?: any| more| your| these)* (?:messages?|texts?|notifications?)"
    r"(?: from you| any ?more| ever)*\W*$"
    r"|^\W*i (?:don'?t|do not) (?:want|wish) to hear from you(?: any ?more| again| ever)*\W*$"
    r"|^\W*(?:请|麻烦|以后|从今以后|今后|都|你|您|，|,)*(?:别|不要|不用|不必|停止)(?:再|老|总|总是)?(?:给我|跟我|向我)?"
    r"(?:发|联系|打扰|骚扰|烦)(?:我|消息|信息|短信|任何消息|东西|了|啦|吧)*\W*$"
    r"|^\W*(?:请|麻烦|快|都|现在|就|你|您|给我|，|,)*(?:停止?|停下来?|停一停|打住|我要退订|取消订阅)(?:了|吧|啦|呀|啊)*\W*$"
    r"|^\W*我?(?:再也|以后|真的)?不(?:想|要|愿意)再?(?:收到?了|(?:收|接收|看)到?(?:你们?的?|您的?|任何|这些)*"
    r"(?:消息|信息|短信)了?)\W*$",
    re.IGNORECASE,
)
_A_WISH = 120  #: letters; a wish for silence is no longer
#: The menu of the chat, in this order.
MENU = ("help", "nurse", "language", "consent", "export", "forget", "stop", "start")


def named(turn: Turn) -> str:
    """The command this message is, or "": a command, a button, or its whole text as a word."""
    if turn.incoming.kind is Kind.COMMAND:
        return turn.incoming.data
    if turn.incoming.kind is Kind.TAP:
        return turn.incoming.data.removeprefix("/") if turn.incoming.data.startswith("/") else ""
    whole = turn.text.strip().strip(".!?。！？ ").casefold().replace("’", "'")
    if len(whole) <= _A_WISH and SILENCE.search(whole):
        return "stop"
    return next((name for name, words in _WORDS.items() if whole in words), "")


def commands(turn: Turn, services: Services) -> Turn:
    """Deal with a command; STOP and a blocked bot end everything the bot would say by itself."""
    if turn.incoming.kind is Kind.BLOCKED:
        concern = Concern(reason="bot_blocked", tier="P3")
        return replace(_stopped(turn), handled=True, concerns=(concern,))
    if turn.incoming.kind in (Kind.UNBLOCKED, Kind.GROUP_MOVED):
        return replace(turn, handled=True)  # only /start resumes
    name = named(turn)
    if not name:
        return turn
    if turn.incoming.kind is Kind.COMMAND and turn.screened.findings and name != "stop":
        return turn  # "/help I cannot breathe": what is said behind it comes first
    act = _ACTS.get(name.split(":")[0])
    if act is None:
        return turn.say(_draft(turn, "commands.unknown"))
    return act(turn, services)


def _stop(turn: Turn, services: Services) -> Turn:
    concerns = turn.concerns
    if turn.patient.status.planned:
        concerns += tuple(concern_of([one for one in turn.schedules if one.active]))
    return _stopped(turn).say(
        _draft(turn, "commands.stopped", number=number_to_call(turn.patient)),
        dialogue=turn.topic({}),
        concerns=concerns,
    )


def _stopped(turn: Turn) -> Turn:
    """Nothing more by itself; whoever has not agreed yet is still to be asked."""
    if turn.patient.status.planned:
        turn = replace(turn, patient=replace(turn.patient, status=PatientStatus.STOPPED))
    return replace(turn, stop=True)


def _start(turn: Turn, services: Services) -> Turn:
    enrolled = turn.patient.status is PatientStatus.ENROLLED
    if enrolled or Purpose.CARE_MESSAGES not in turn.patient.consents:
        asked = replace(turn.patient, status=PatientStatus.ENROLLED)
        topic, draft = welcome(asked, services.clinic)
        return turn.say(draft, patient=asked, dialogue=turn.topic(topic))
    if turn.patient.status is PatientStatus.STOPPED:
        active = replace(turn.patient, status=PatientStatus.ACTIVE)
        return turn.say(_draft(turn, "commands.resumed"), patient=active, scheduled=turn.schedules)
    if turn.patient.status is PatientStatus.PAUSED:
        return pause_turn.awake(turn)
    return turn.say(_draft(turn, "commands.already"))


def help_(turn: Turn, services: Services) -> Turn:
    """What can be asked here, in a few lines."""
    number = number_to_call(turn.patient)
    return turn.say(_draft(turn, "commands.help", clinic=services.clinic.name, number=number))


def _language(turn: Turn, services: Services) -> Turn:
    wanted = (named(turn).partition(":")[2] or turn.text).strip().casefold()
    chosen = {"en": "en", "english": "en", "zh": "zh", "中文": "zh", "chinese": "zh"}.get(wanted)
    if chosen is None:
        row = (
            Button(label="English", data="/language:en"),
            Button(label="简体中文", data="/language:zh"),
        )
        return turn.say(replace(_draft(turn, "commands.which_language"), buttons=(row,)))
    changed = replace(turn, patient=replace(turn.patient, language=chosen))
    planned = tuple(in_language(one, chosen) for one in turn.schedules if one.plan)
    return changed.say(_draft(changed, "commands.language_set"), scheduled=planned)


def _nurse(turn: Turn, services: Services) -> Turn:
    asked = Concern(reason="asked_for_nurse", tier="P2")
    words = passed_on(turn.patient, services)
    return turn.say(Draft(text=words, approved=True), concerns=(asked,))


def _export(turn: Turn, services: Services) -> Turn:
    return turn.say(*own_data(turn, services))


def _forget(turn: Turn, services: Services) -> Turn:
    if named(turn) == "forget:yes" and turn.dialogue.topic.get("name") == "forget":
        with services.store.reading() as rows:
            memories = rows.record.memories(turn.patient_id)
            facts = rows.facts.of(turn.patient_id, everything=True)
        ids = tuple(memory.id for memory in memories)
        gone = tuple(replace(f, status="forgotten") for f in facts if f.said_by in PATIENTS_OWN)
        count = len(ids) + len(gone)
        words = _draft(turn, "commands.forgotten", count=count, numbers=(float(count),))
        return turn.say(
            words,
            forgotten=ids,
            facts=gone,
            forgotten_sources=tuple({m.source for m in memories} - {""}),
            dialogue=turn.topic({}),
        )
    if named(turn) == "forget:no":
        return turn.say(_draft(turn, "commands.kept"), dialogue=turn.topic({}))
    row = (
        Button(label=say("commands.forget_yes", turn.language), data="/forget:yes"),
        Button(label=say("commands.forget_no", turn.language), data="/forget:no"),
    )
    draft = replace(_draft(turn, "commands.forget_sure"), buttons=(row,))
    return turn.say(draft, dialogue=turn.topic({"name": "forget"}))


def _draft(turn: Turn, words: str, *, numbers: tuple[float, ...] = (), **values: object) -> Draft:
    return Draft(text=say(words, turn.language, **values), approved=True, numbers=numbers)


_ACTS: dict[str, Callable[[Turn, Services], Turn]] = {
    "stop": _stop,
    "start": _start,
    "help": help_,
    "menu": help_,
    "language": _language,
    "nurse": _nurse,
    "export": _export,
    "forget": _forget,
    "consent": lambda turn, services: consents_again(turn),
}
