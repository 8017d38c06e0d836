""" "Tell me more" and "and for my wife?" in words, after an answer from the library."""

from __future__ import annotations

import re

from bot.conversation import knowledge_turn
from bot.domain.message import TYPED
from bot.domain.outbox import Draft
from bot.domain.turn import Turn
from bot.ports import Library, Services
from knowledge import answering
from knowledge.model import Article
from prompts import say

_MORE = re.compile(
    r"\W*(?:please |ok(?:ay)?,? |yes,? |and )*(?:can you |could you )?"
    r"(?:(?:tell me|explain(?: it)?(?: to me)?) (?:some |a (?:bit|little) )?more"
    r"(?: about (?:it|that|this))?|more(?: please| info(?:rmation)?| details?)?|what else"
    r"|anything else i should know)"
    r"(?: please)?\W*"
    r"|(?:请|麻烦)?(?:您|你)?(?:再|多|能不能|能|可以)*(?:详细|具体|多|仔细)(?:点|些|一点|一些)?(?:地)?(?:说|讲|介绍)"
    r"(?:说|讲)?(?:一下|一点|点|些)?(?:吧|吗|呗|嘛)?\W*"
    r"|再?(?:说|讲)(?:得)?(?:详细|具体|仔细)(?:一?点|一?些)(?:吧|吗|呗)?\W*|还有(?:呢|吗|别的吗|什么要注意的吗?)\W*",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"\W*(?:and |but |so )?(?:(?:what|how) about |is (?:it|that) (?:also )?the same |"
    r"(?:is|does) (?:it|that) (?:also )?(?:go|apply|hold|true) )?(?:for |with |to )?my (?:own )?"
    r"(?:wife|husband|partner|mum|mom|mother|dad|father|son|daughter|child|children|kids?|baby|"
    r"brother|sister|friend|neighbou?r|grandson|granddaughter|grandchild(?:ren)?)"
    r"(?: too| as well)?\W*"
    r"|(?:那|那么|换成|对)?(?:我|俺|咱)?(?:家)?(?:里)?的?(?:老伴儿?|爱人|老公|老婆|丈夫|妻子|先生|太太|妈妈?|爸爸?|"
    r"父亲|母亲|孩子|儿子|女儿|孙子|孙女|哥哥?|姐姐?|弟弟?|妹妹?|朋友|邻居)(?:呢|也(?:是|一样|这样)(?:吗|么)?|怎么样)\W*",
    re.IGNORECASE,
)
_BACK = 4  #: messages in which the last answer is looked for


def followed(turn: Turn, services: Services) -> Turn:
    """The whole of the article that was just told; for somebody else only what is for anybody."""
    if turn.incoming.kind not in TYPED or services.library is None:
        return turn
    more, other = _MORE.fullmatch(turn.text), _OTHER.fullmatch(turn.text)
    if not (more or other):
        return turn
    article = _told_last(turn, services.library)
    if article is None:
        return turn
    if more:
        return knowledge_turn.whole(turn, services, article)
    told = answering.answer(article, turn.text, knowledge_turn.language(turn), ())
    words = say("knowledge.for_another", turn.language)
    return turn.say(Draft(text=words, approved=True), knowledge_turn.draft(turn, told))


def _told_last(turn: Turn, library: Library) -> Article | None:
    """The article whose first line stands in the bot's last words to this patient."""
    spoken = knowledge_turn.language(turn)
    for message in reversed(turn.history[-_BACK:]):
        if message.author != "bot":
            continue
        for article in library.articles.values():
            first = next(line for line in article.lines[spoken] if not line.tag)
            if first.text in message.text:
                return article
    return None
