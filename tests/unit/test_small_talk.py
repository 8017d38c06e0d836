"""Small talk is small talk as a whole, and nothing that needs an answer is taken for it."""

from __future__ import annotations

import pytest

from bot.conversation.small_talk_words import feeling_in, kind_of


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Hello nurse!", "hello"),
        ("thank you so much, you're ever so kind", "praise"),
        ("ok then, thanks, bye", "bye"),
        ("are you human or a robot", "real"),
        ("who else sees what I write?", "who_reads"),
        ("您是真人吗？", "real"),
        ("好的好的，谢谢您啊", "thanks"),
        ("我写的东西谁能看见呀", "who_reads"),
        ("👌", "ok"),
        ("??", "not_understood"),
        ("Can I ask you something?", "ask"),
        ("hello dear, may I ask you a question please?", "ask"),
        ("I've got a question", "ask"),
        ("Do you mind if I ask you something, nurse?", "ask"),
        ("我想问你个事", "ask"),
        ("您好，可以问个问题吗？", "ask"),
        ("能跟您打听个事儿不", "ask"),
        ("请问一下", "ask"),
        ("我有个问题想请教您", "ask"),
    ],
)
def test_courtesies_are_known_with_what_stands_around_them(text: str, kind: str) -> None:
    assert kind_of(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "good morning, my chest hurts",
        "thanks but my leg is swollen",
        "ok I took the pills twice",
        "I am not fine",
        "what should I do?",
        "not so good",
        "can I ask you about my water tablet?",
        "I have a question about my heart",
        "我想问护士个问题",
        "我想问一下膝盖疼的事",
        "bye, I can't go on",
        "can you call an end to this",
        "can my daughter see a doctor about her eyes?",
        "132/84",
        "好难受",
        "不好",
        "谢谢，就是还有点胸闷",
        "睡不着了",
        "我走了你们别找我",
        "老伴走了",
        "能看到吗，我眼前发黑",
        "",
        "...",
    ],
)
def test_what_somebody_should_read_is_no_small_talk(text: str) -> None:
    assert kind_of(text) == ""


@pytest.mark.parametrize(
    "text", ["my chest is tight", "吃药后胃不舒服", "is it tired heart?", "头好晕"]
)
def test_a_complaint_is_no_feeling(text: str) -> None:
    assert feeling_in(text) is None
