"""What can be wrong with how a reply ends and what it counts, one function each."""

from servers.exchange import Exchange


async def usage_missing(x: Exchange) -> None:
    """No counts."""
    await x.begin()
    await x.say_all()
    await x.end(x.finish, None)


async def usage_negative(x: Exchange) -> None:
    """Counts below zero."""
    await x.begin()
    await x.say_all()
    await x.end(x.finish, x.wire.usage(-5, -7, x.scenario))


async def usage_zero(x: Exchange) -> None:
    """Counts of zero."""
    await x.begin()
    await x.say_all()
    await x.end(x.finish, x.wire.usage(0, 0, x.scenario))


async def usage_small(x: Exchange) -> None:
    """Half of the prompt was not read, as the count shows."""
    await x.begin()
    await x.say_all()
    await x.end(x.finish, x.wire.usage(x.n_input // 2, x.n_output, x.scenario))


async def length(x: Exchange) -> None:
    """The reply was cut at its limit."""
    await x.begin()
    await x.say_half()
    await x.end("length", x.usage)


async def content_filter(x: Exchange) -> None:
    """A filter ended the reply."""
    await x.begin()
    await x.say_half()
    await x.end("content_filter", x.usage)


async def unknown_finish(x: Exchange) -> None:
    """A reason nobody has heard of."""
    await x.begin()
    await x.say_all()
    await x.end("because", x.usage)


async def refusal(x: Exchange) -> None:
    """The model refuses in the field made for it."""
    await x.begin()
    await x.send(x.wire.refusal("I can't help with that."))
    await x.end("stop", x.usage)


async def empty(x: Exchange) -> None:
    """Everything but text."""
    await x.begin()
    await x.end("stop", x.usage)


async def blank(x: Exchange) -> None:
    """White space only."""
    await x.begin()
    await x.say("  \n")
    await x.end("stop", x.usage)


async def only_reasoning(x: Exchange) -> None:
    """The model thinks and says nothing."""
    await x.begin()
    await x.send(x.wire.reasoning("hm, let me see"))
    await x.end("stop", x.usage)


async def error_in_stream(x: Exchange) -> None:
    """An error after half of the text."""
    await x.begin()
    await x.say_half()
    await x.send(x.wire.error("an error was encountered while running the model: CUDA error"))
    await x.out.end()


ALL = (
    usage_missing, usage_negative, usage_zero, usage_small, length, content_filter, unknown_finish, refusal,
    empty, blank, only_reasoning, error_in_stream,
)  # fmt: skip
