"""One-time codes: used up where they open something or everybody can read them, and told so."""

from __future__ import annotations

import pytest
from house import HouseUnderTest

from bot.console_actions import console_actions
from bot.inviting import enrol, invite


async def opens(house: HouseUnderTest, code: str, who: str, **body: object) -> str:
    """A link opened in a private chat, or with ``private=False`` sent in a group."""
    return await house.say(
        code.rpartition("=")[2], who, kind="command", data="start", sender_name="Dora", **body
    )


def opened(house: HouseUnderTest, subject: str) -> list[str]:
    with house.house.store.reading() as rows:
        events = rows.audit.of(subject)
    return [event.type for event in events if event.type.startswith("invitation.")]


def subject_of(house: HouseUnderTest, who: str) -> str:
    with house.house.store.reading() as rows:
        return rows.patients.contact_at("telegram", "42", who).patient_id  # type: ignore[union-attr]


async def test_a_groups_link_sent_privately_still_links_the_group(house):
    code = invite(house.house, "group", "en")
    assert "team's group" in await opens(house, code, "bob")
    assert opened(house, "en") == []
    assert "Test clinic" in await opens(house, code, "-100", private=False)
    assert opened(house, "en") == ["invitation.group"]


PERSONAL = [("patient", "alice"), ("member", "bob"), ("carer", "alice")]


@pytest.mark.parametrize(("purpose", "subject"), PERSONAL)
async def test_a_persons_link_sent_in_a_group_is_used_up(house, purpose, subject):
    code = invite(house.house, purpose, subject)
    assert "no longer works" in await opens(house, code, "-100", private=False)
    assert opened(house, subject) == ["invitation.exposed"]
    assert "used already or has run out" in await opens(house, code, "dora")
    assert await opens(house, code, "-100", private=False) == ""
    assert opened(house, subject) == ["invitation.exposed"]


@pytest.mark.parametrize("kind", ["text", "edited"])
async def test_a_persons_link_pasted_into_a_group_is_used_up_and_nothing_else_is_answered(
    house, kind
):
    code = invite(house.house, "patient", "alice").rpartition("=")[2]
    text = f"Gran, open this: https://t.me/clinic_bot?start={code} !"
    assert "no longer works" in await house.say(text, "-100", kind=kind, private=False)
    assert await house.say("what a lovely day", "-100", kind=kind, private=False) == ""
    assert "used already or has run out" in await opens(house, code, "dora")
    group = invite(house.house, "group", "en").rpartition("=")[2]
    assert await house.say(f"our link: {group}", "-100", kind=kind, private=False) == ""
    assert "Test clinic" in await opens(house, group, "-100", private=False)


async def test_in_chinese(house):
    code = enrol(house.house, "zh", "", "bob")
    assert "失效" in await opens(house, code, "-100", private=False, language_hint="zh-hans")
    group = invite(house.house, "group", "zh")
    assert "群" in await opens(house, group, "dora", language_hint="zh-hans")


async def test_the_link_of_somebody_who_has_died_opens_nothing(house):
    code = invite(house.house, "patient", "alice")
    console_actions(house.house).mark_deceased("alice", "bob")
    assert "used already or has run out" in await opens(house, code, "dora")
    assert opened(house, "alice") == []


async def test_a_used_code_is_silent_in_a_group_and_opens_nothing_twice(house):
    code = enrol(house.house, "en", "", "bob")
    await opens(house, code, "dora")
    assert "used already or has run out" in await opens(house, code, "erik")
    assert await opens(house, code, "-100", private=False) == ""
