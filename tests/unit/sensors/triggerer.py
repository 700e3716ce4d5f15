"""The triggerer's work on one deferral, without a triggerer."""

from __future__ import annotations

import asyncio
import importlib
import json


async def first_event(trigger):
    async for event in trigger.run():
        return event
    raise AssertionError("the trigger ended without an event")


def through_the_triggerer(deferred):
    """Run a deferral's trigger, rebuilt from its path and arguments, and return its event as plain JSON."""
    path, arguments = deferred.trigger.serialize()
    module, _, name = path.rpartition(".")
    trigger = getattr(importlib.import_module(module), name)(**json.loads(json.dumps(arguments)))
    return json.loads(json.dumps(asyncio.run(first_event(trigger)).payload))
