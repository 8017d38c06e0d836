"""How an interview ends: a red flag takes its own path, all else goes by the fixed rules."""

from __future__ import annotations

from dataclasses import replace

import safety
from bot.conversation import interview, self_harm
from bot.conversation.flagged import raise_stated
from bot.conversation.interview import NAME, Person, State
from bot.conversation.known import facts_of
from bot.domain.escalation import OPEN, AuditEvent, Escalation, EscalationState
from bot.domain.outbox import Draft
from bot.domain.turn import Turn
from bot.escalations.begin import begin, begin_for
from bot.escalations.status import nurse_status
from bot.ports import Services, UnitOfWork
from bot.whom_to_call import number_to_call
from prompts import say
from safety import Finding, Tier, Verdict

_TIER = {"care": Tier.P3, "days": Tier.P2, "today": Tier.P1}


def note(turn: Turn, state: State, person: Person, told: str, services: Services) -> None:
    """Keep on the nurses' list what is known so far, in its own transaction."""
    with services.store.unit_of_work() as work:
        _keep(work, turn, state, person, told, Tier.P3)
    services.bells.ring("console")


def finish(turn: Turn, state: State, person: Person, services: Services) -> Turn:
    """The end by the fixed rules: with the nurses first, then said, always with a safety net."""
    level = interview.level(state, person)
    tier = _TIER[level]
    with services.store.unit_of_work() as work:
        matter = _keep(work, turn, state, person, "done", tier)
        status = nurse_status(
            work,
            turn.language,
            now=turn.now,
            phone=services.clinic.team_phone,
            tier=tier,
            escalation=matter,
        )
    services.bells.ring("console")
    groups = list(dict.fromkeys(one.care for one in interview.complaints(state)))
    number = number_to_call(turn.patient)

    def lines(kind: str) -> str:
        return "\n".join(say(f"interview.{kind}_{g}", turn.language, ems=number) for g in groups)

    words = say(
        f"interview.end_{level}",
        turn.language,
        care=lines("care"),
        net=lines("net"),
        status=status,
        phone=services.clinic.team_phone,
    )
    done = replace(turn, dialogue=turn.dialogue.close(NAME))
    return done.say(Draft(text=words, approved=True))


def alarm(turn: Turn, state: State, person: Person, services: Services) -> Turn:
    """A yes to a red flag: escalated and answered by the flag's own first words, like any other."""
    red = interview.alarm(state)
    assert red is not None
    names = [say(f"interview.name_{id_}", turn.language) for id_ in state.complaints]
    said = (
        f"{', '.join(names)}: {say(f'interview.red_{red.key}', turn.language)} - "
        f"{say('interview.answer_yes', turn.language)}"
    )
    closed = replace(turn, dialogue=turn.dialogue.close(NAME))
    finding = safety.stated(red.flag, cue="interview")
    if finding.tier is Tier.P0:
        raised = raise_stated(closed, finding, said, services)
    else:
        raised = _today(closed, finding, said, services)
    if not finding.topic_private:  # what is private stands in its own matter alone
        note(turn, state, person, "alarm", services)
    return self_harm.first_question(raised) if self_harm.follows(raised, red.flag) else raised


def _today(turn: Turn, finding: Finding, said: str, services: Services) -> Turn:
    """A flag for today: on the nurses' list before its words are said."""
    verdict = Verdict(findings=(finding,), rule_version=turn.screened.rule_version)
    with services.store.unit_of_work() as work:
        message = replace(turn.message, text=said)
        begin_for(work, verdict, message, turn.now, tier=finding.tier)
        phone = services.clinic.team_phone
        status = nurse_status(work, turn.language, now=turn.now, phone=phone, tier=finding.tier)
    services.bells.ring("console")
    facts = facts_of(turn.patient, turn.now, turn.entries, turn.known)
    words = safety.first_message(verdict, patient=facts, nurse_status=status, team_phone=phone)
    return turn.say(Draft(text=words, approved=True))


def _coded(state: State, person: Person, told: str) -> dict[str, object]:
    """The matter in ids alone: what it was about, the red flags affirmed, how it ended."""
    about = interview.complaints(state)
    yes = [red.flag for red in interview.reds(state, person)
           if state.answers.get(f"red:{red.key}") == "yes"]  # fmt: skip
    return {
        "complaints": [one.id for one in about],
        "symptoms": list(dict.fromkeys(symptom for one in about for symptom in one.symptoms)),
        "child": any(one.child for one in about),
        "red": list(dict.fromkeys(yes)),
        "level": interview.level(state, person) if told == "done" else "",
    }


def _matter(work: UnitOfWork, turn: Turn, state: State) -> Escalation | None:
    """What stands open on the nurses' list from this interview."""
    return next(
        (
            e
            for e in work.escalations.open(turn.patient_id)
            if e.reason == NAME and e.state in OPEN and e.evidence.get("interview") == state.id
        ),
        None,
    )


def _moved(work: UnitOfWork, was: Escalation, tier: Tier, turn: Turn) -> None:
    """End a matter whose whole content goes on in a more urgent one."""
    done = replace(
        was,
        state=EscalationState.COMPLETED,
        completed_by="bot",
        completed_at=turn.now,
        outcome="moved",
        next_step_at=None,
        evidence={key: kept for key, kept in was.evidence.items() if key != "coded"},
    )
    if work.escalations.change(was, done):
        work.audit.add(
            AuditEvent(
                at=turn.now,
                actor="bot",
                type="escalation.moved",
                subject=was.id,
                patient_id=turn.patient_id,
                detail={"to": tier.name},
            )
        )


def _keep(
    work: UnitOfWork, turn: Turn, state: State, person: Person, told: str, tier: Tier
) -> Escalation:
    """Open the matter, or bring up to date the one that this interview opened at this tier."""
    from bot.conversation.interview_graph import possible
    from bot.conversation.interview_report import sbar, source

    evidence = {
        "message": turn.message.id,
        "words": state.words,
        "interview": state.id,
        "sbar": sbar(turn, state, person, possible(state, person), told),
        "source": source(),
        "coded": _coded(state, person, told),
    }
    known = _matter(work, turn, state)
    if known is not None and tier.is_more_urgent_than(Tier[known.tier]):
        _moved(work, known, tier, turn)  # one complaint stays one matter on the list
        known = None
    if known is None:
        known = begin(
            work,
            patient_id=turn.patient_id,
            reason=NAME,
            tier=tier,
            source=turn.message.id,
            evidence=evidence,
            now=turn.now,
        )
    if known.evidence != evidence:
        before = known.evidence if known.evidence.get("interview") != state.id else {}
        kept = {"before": {k: v for k, v in before.items() if k != "coded"}} if before else {}
        new = replace(known, evidence={**known.evidence, **evidence, **kept})
        work.escalations.change(known, new)
        return new
    return known
