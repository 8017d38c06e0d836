"""A LangChain agent on a lead: few tools, few rounds, a budget of tokens, and no stream."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from langchain.agents import create_agent
from langchain.agents.middleware import (
    AgentMiddleware,
    ModelRequest,
    ModelResponse,
    ToolCallLimitMiddleware,
)
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langchain_core.tools import StructuredTool

from bot.domain.errors import ModelError
from bot.ports.lead import Tool

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

MAX_ROUNDS = 4  #: the last one without tools
MAX_LOOKUPS = 6
MAX_TOKENS = 24_000  #: of all rounds together
MAX_SIZE = 60_000  #: characters of everything a round carries
_LOOKED_UP = 6_000  #: characters of one result

Again = Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]


class Lead(AgentMiddleware[Any, Any, Any]):
    """Counts rounds and tokens, takes the tools away in the last round, and tries once more."""

    def __init__(self, again: Again) -> None:
        super().__init__()
        self.rounds, self.tokens = 0, 0
        self._again = again

    async def awrap_model_call(
        self,
        request: ModelRequest[Any],
        handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]],
    ) -> ModelResponse[Any]:
        """One round."""
        if self.rounds >= MAX_ROUNDS:
            raise ModelError("the language model looks things up without end", why="unusable")
        if self.tokens > MAX_TOKENS:
            raise ModelError("the language model used up its tokens", why="unusable")
        if sum(len(message.text) for message in request.messages) > MAX_SIZE:
            raise ModelError("the question is too long for the language model", permanent=True)
        self.rounds += 1
        if self.rounds == MAX_ROUNDS:
            request = request.override(tools=[])
        response: ModelResponse[Any] = await self._again(lambda: handler(request))
        for message in response.result:
            used = getattr(message, "usage_metadata", None)
            self.tokens += int(used["total_tokens"]) if used else 0
        return response


async def work(
    model: BaseChatModel,
    system: str,
    user: str,
    given: str,
    tools: Sequence[Tool],
    lead: Lead,
) -> tuple[AIMessage, tuple[str, ...]]:
    """The last message of the agent, and the tools it used. Errors are the vendors' own."""
    graph = create_agent(
        model,
        [_tool(tool) for tool in tools],
        system_prompt=system,
        middleware=[lead, ToolCallLimitMiddleware(run_limit=MAX_LOOKUPS)],
    )
    # What was looked up beforehand stands where results stand: it is data, and no one's order.
    asked = {"name": tools[0].name, "args": {tools[0].argument: "the question"}, "id": "given"}
    messages: list[AnyMessage] = [
        HumanMessage(user),
        AIMessage("", tool_calls=[asked]),
        ToolMessage(given, tool_call_id="given", name=tools[0].name),
    ]
    begun: Any = {"messages": messages}
    done = await graph.ainvoke(begun, {"recursion_limit": 8 * MAX_ROUNDS})
    found = done["messages"][len(messages) :]
    used = tuple(str(one.name) for one in found if isinstance(one, ToolMessage))
    last = found[-1] if found else None
    if not isinstance(last, AIMessage) or last.tool_calls:
        raise ModelError("the language model gave no answer", why="unusable")
    return last, used


def _tool(tool: Tool) -> StructuredTool:
    async def use(**arguments: Any) -> str:
        result = await asyncio.to_thread(tool.use, str(arguments[tool.argument])[:300])
        return result[:_LOOKED_UP]

    # One text and nothing else: whose data it is was settled before the model was asked.
    schema = {
        "type": "object",
        "properties": {tool.argument: {"type": "string"}},
        "required": [tool.argument],
        "additionalProperties": False,
    }
    return StructuredTool(
        name=tool.name, description=tool.about, args_schema=schema, coroutine=use, func=None
    )
