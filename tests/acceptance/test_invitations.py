"""One-time codes: used up only where they open something, and told so where they do not."""

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


async def test_a_patients_link_sent_in_a_group_still_opens_their_own_chat(house):
    code = enrol(house.house, "en", "", "bob")
    assert "with me alone" in await opens(house, code, "-100", private=False)
    assert "Which language" in await opens(house, code, "dora")
    assert opened(house, subject_of(house, "dora")) == ["invitation.patient"]


async def test_a_groups_link_sent_privately_still_links_the_group(house):
    code = invite(house.house, "group", "en")
    assert "team's group" in await opens(house, code, "bob")
    assert opened(house, "en") == []
    assert "Test clinic" in await opens(house, code, "-100", private=False)
    assert opened(house, "en") == ["invitation.group"]


@pytest.mark.parametrize(("purpose", "subject"), [("member", "bob"), ("carer", "alice")])
async def test_another_persons_link_sent_in_a_group_still_works_alone(house, purpose, subject):
    code = invite(house.house, purpose, subject)
    assert "with me alone" in await opens(house, code, "-100", private=False)
    assert opened(house, subject) == []
    assert "used already" not in await opens(house, code, "dora")
    assert opened(house, subject) == [f"invitation.{purpose}"]


async def test_in_chinese(house):
    code = enrol(house.house, "zh", "", "bob")
    assert "单独" in await opens(house, code, "-100", private=False, language_hint="zh-hans")
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
