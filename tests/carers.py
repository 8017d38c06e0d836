"""A carer in the house under test: the link, and what is known of the patient."""

from __future__ import annotations

from house import HouseUnderTest

from bot.domain.carer import Carer
from bot.domain.message import PatientId
from bot.inviting import invite


async def linked(house: HouseUnderTest, who: str = "carol", patient: str = "alice") -> str:
    """A carer opens the link; gives what they are told."""
    code = invite(house.house, "carer", patient).rpartition("=")[2]
    return await house.say(code, who, kind="command", data="start", sender_name=who.title())


def carer_of(house: HouseUnderTest, patient: str = "alice") -> Carer:
    with house.house.store.reading() as rows:
        [carer] = rows.carers.of(PatientId(patient))
    return carer


async def known(house: HouseUnderTest) -> None:
    await house.say("I take metformin 500 mg twice a day")
    await house.say("I'm allergic to penicillin")
    await house.say("my blood pressure is 132/84")
