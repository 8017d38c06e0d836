"""What the house does again and again: every beat, and how often."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from datetime import timedelta
from functools import partial

from bot import retention
from bot.bootstrap import House
from bot.checkins.ask import ask
from bot.checkins.away import still_here
from bot.checkins.miss import miss
from bot.checkins.pauses import end_pauses
from bot.checkins.plan import plan
from bot.conversation.propose import propose
from bot.conversation.summarise import summarise
from bot.conversation.to_talk_over import look_through
from bot.escalations.after_emergency import ask_calls
from bot.escalations.climb import climb
from bot.own_models import own_models
from bot.ports import Services
from bot.work import risk_watch
from bot.work.heartbeat import Beat
from bot.work.settle import recover
from bot.work.trail import link, verify
from bot.work.watch import Watch

_Act = Callable[[], Awaitable[object]]


def beats(house: House, holder: str, front: Executor, fetch_files: _Act) -> dict[str, Beat]:
    """By name; ``fetch_files`` belongs to the loops, everything else looks at the rows."""
    services, settings = house.services, house.settings

    def in_thread(act: Callable[..., object]) -> _Act:
        return lambda: asyncio.get_running_loop().run_in_executor(front, act, services)

    def keep_no_longer(services: Services) -> None:
        retention.apply(services, holder, settings.retention)

    def watch_models(services: Services) -> None:
        # Once a month; the beat is daily, so that a house that was away makes up for it.
        own = partial(own_models, settings)
        risk_watch.monthly(services, holder, settings.data / "reports", own)

    every = timedelta(minutes=settings.canary)
    watch = Watch(
        services,
        holder=holder,
        heartbeat_url=settings.heartbeat_url,
        canary_every=every or None,
    )
    # Where the house fetches its updates, the fetching knows since when Telegram was not heard.
    hooked = {"still here": Beat(every=60, act=in_thread(still_here))}
    canary = {"canary": Beat(every=5, act=watch.sing)} if every else {}
    return (
        canary
        | (hooked if settings.telegram_webhook_url else {})
        | {
            "watch": Beat(every=60, act=watch.beat),
            "link": Beat(every=2, act=in_thread(link)),
            "verify": Beat(every=86_400, act=in_thread(partial(verify, holder=holder))),
            "retention": Beat(every=86_400, act=in_thread(keep_no_longer)),
            "risk watch": Beat(every=86_400, act=in_thread(watch_models)),
            "calls": Beat(every=2, act=in_thread(ask_calls)),
            "climb": Beat(every=1, act=in_thread(climb)),
            "ask": Beat(every=0.25, sharp=True, act=in_thread(ask)),
            "miss": Beat(every=20, act=in_thread(miss)),
            "pauses": Beat(every=60, act=in_thread(end_pauses)),
            "plan": Beat(every=300, act=in_thread(plan)),
            "recover": Beat(every=5, act=in_thread(recover)),
            "propose": Beat(every=10, act=lambda: propose(services)),
            "summarise": Beat(every=300, act=lambda: summarise(services)),
            "suggestions": Beat(every=86_400, act=lambda: look_through(services, holder)),
            "files": Beat(every=2, act=fetch_files),
        }
    )
