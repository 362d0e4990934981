"""Ending aiokafka's clients in bounded time. With the broker gone their own `stop()` may never return (aiokafka #1101)."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import ProducerClosed
from aiokafka.producer.message_accumulator import MessageAccumulator

GRACE = 2.0
"""Seconds that an orderly stop may take."""

_PUSH = 0.05


async def within(seconds: float, work: Coroutine[Any, Any, Any]) -> bool:
    """Whether the work ended in time, well or not; else it is cancelled, and left alone if it does not heed that."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task}, timeout=seconds)
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=_PUSH)
        elif not task.cancelled():
            task.exception()  # seen: an error while ending changes nothing
    return task.done() and not task.cancelled()


async def end_producer(producer: AIOKafkaProducer, *, grace: float = GRACE) -> None:
    """Stop in an orderly way if that goes within `grace` seconds, else tear it down: what it holds is given up.

    Uses what is private to aiokafka 0.14: its sender keeps waiting for requests of its own, each of which needs its own
    cancellation, and retries idempotent batches for ever.
    """
    if grace > 0 and await within(grace, producer.stop()):
        return
    producer._closed = True
    sender = producer._sender.sender_task
    if sender is not None:
        for _ in range(50):  # one push for each request it waits for
            sender.cancel()
            if (await asyncio.wait({sender}, timeout=_PUSH))[0]:
                break
        if sender.done() and not sender.cancelled():
            sender.exception()
    await within(GRACE, producer.client.close())
    _give_up(producer._message_accumulator)


def _give_up(accumulator: MessageAccumulator) -> None:
    """Fail what is left, so that no flush waits for it, and count the errors as seen: its senders were answered before."""
    waiting = [batch for batches in accumulator._batches.values() for batch in batches]
    # Its own bookkeeping expects a batch that was sent once among the pending ones, also while it waits to be sent again.
    accumulator._pending_batches.update(batch for batch in waiting if batch.retry_count)
    held = {*waiting, *accumulator._pending_batches}
    accumulator.fail_all(ProducerClosed())
    for batch in held:
        for answer in (batch.future, batch._drain_waiter):
            if answer.done() and not answer.cancelled():
                answer.exception()


async def end_consumer(consumer: AIOKafkaConsumer) -> None:
    """Leave the group if that goes in time, and drop the connections either way."""
    if not await within(GRACE, consumer.stop()):
        await within(GRACE, consumer._client.close())
