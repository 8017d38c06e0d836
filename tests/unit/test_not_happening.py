"""What is asked in general, long over, normal or a figure of speech; its twin is heard."""

import pytest

import safety
from safety.verdict import Tier


def _outright(text: str) -> bool:
    verdict = safety.screen(text, readings=safety.read_vitals(text, language="en"))
    return verdict.tier is Tier.P0 and not verdict.asked


#: by cause: no emergency outright, and the nearest true emergencies, which are
FAMILIES = {
    "a question of general knowledge": (
        [
            "Does a heart attack always come with chest pain?",
            "are the signs of sepsis the same as flu in a toddler?",
            "biology homework, compare a stroke and cardiac arrest",
            "role play at college tomorrow: visitor says he can't breathe",
            "Making a poster about heat stroke, which has the red skin?",
        ],
        [
            "Does a heart attack always bring pain? I have a tight band round my ribs, sweating",
            "is that the same as flu, my daughter's skin is mottled and she is burning up",
            "doing homework with my son and he had a fit, he won't wake",
            "can toddlers get sepsis? he's mottled and floppy",
            "saw the advert, now my throat is closing",
            "homework club: boy stung by a wasp, lips swelling, can't breathe",
            "making a poster when mum collapsed and stopped breathing",
        ],
    ),
    "years behind, with a date, an age or an end": (
        [
            "Had anaphylaxis to cashews back in primary school, pen runs out in May",
            "Chest pain in the winter turned out to be reflux and I'm right as rain",
            "lad choked on a crust, the nurse sorted it",
            "He had febrile convulsions as a toddler and he's twelve now",
            "Fell off a ladder in '87, my back tells me when it rains",
            "I had a shock off a kettle in my student flat. Twenty years ago.",
        ],
        [
            "he had fits as a baby and is having a fit now",
            "had an anaphylaxis back in college and now my throat is closing again",
            "chest pain since this morning, last year's scan was all clear but this is crushing",
            "choked on a crust, it's stuck and he can't speak",
            "my husband had a fit. He's fifty and diabetic, he won't wake up",
            "my son swallowed my tablets when my daughter was two feet away",
        ],
    ),
    "a plain normal finding": (
        [
            "rash on his back that fades when I press it, he is on his trampoline",
            "nosebleed over in a minute, I'm not on any blood thinners",
            "bee got my ankle, lips normal, breathing normal, it just stings",
            "cracked lips swollen a bit in the frost",
        ],
        [
            "rash on his back that doesn't fade when I press it",
            "nosebleed, I'm on blood thinners",
            "bee got my ankle, lips swollen, not breathing normal",
            "rash on her legs, doesn't go away when I press the glass",
            "her lips are swollen and her voice is hoarse after a prawn",
        ],
    ),
    "small things in big words": (
        [
            "I'd rather die than give another stool sample",
            "dad nearly had a fit when I told him the price",
            "choking with a head cold, is honey any good",
            "one more zoom like that and I'll jump off the roof",
            "mum will kill me for missing the dentist",
            "my lungs are fine, can I dive",
            "the midwife rings on Fridays, I'm 30 weeks",
            "they emptied the slurry pit beside us",
        ],
        [
            "I'd rather die than go back to that house",
            "dad had a fit and I can't wake him",
            "he's choking on a sweet",
            "one more night like this and I'll jump off the bridge",
            "my husband will kill me for telling you",
            "my lungs are filling up",
            "I'm 30 weeks and my rings are tight, bad headache",
            "a farmer went into the slurry pit and collapsed",
        ],
    ),
    "asked about it, and the answer in the next sentence": (
        [
            "The form asked if I want to hurt myself. I don't.",
        ],
        [
            "The form asked if I want to hurt myself. I don't know.",
            "I want to hurt myself",
        ],
    ),
}
HARMLESS = [(why, text) for why, (texts, _) in FAMILIES.items() for text in texts]
TRUE = [(why, text) for why, (_, texts) in FAMILIES.items() for text in texts]


@pytest.mark.parametrize(("why", "text"), HARMLESS, ids=lambda value: str(value)[:40])
def test_what_is_not_happening_is_no_emergency_outright(why: str, text: str) -> None:
    assert not _outright(text), why


@pytest.mark.parametrize(("why", "text"), TRUE, ids=lambda value: str(value)[:40])
def test_the_emergency_beside_it_is_one_outright(why: str, text: str) -> None:
    assert _outright(text), why


@pytest.mark.parametrize(
    "text",
    [
        "we pinched his ear and there was no reaction",
        "feels like a horse is standing on my breastbone",
        "used the gtn and it did nothing, still there",
        "she is grabbing her chest and gone grey",
        "when he smiles only the left side moves",
        "the pen keeps falling out of my right hand",
        "she can't manage more than two words",
        "I'm gasping just sitting at rest",
        "he sat up all through the night to get air",
        "dad's tongue swole up after his ramipril",
        "the whole body is jerking and I can't hold him",
        "woke on the kitchen floor with my tongue bitten and I'd wet myself",
        "no spleen since a crash, shivering and sick today",
        "I've pressed for half an hour and it's still bleeding, cut is deep",
        "her varicose vein burst and it's pumping out",
        "tonsils out on Monday, now fresh blood in her mouth",
        "swallowed a bead and no sound comes when he cries",
        "lost count of the paracetamol, maybe 25",
        "I did something stupid with my tablets",
        "this is my last message to anyone",
        "I won't be a burden any longer",
        "I'll jump off the bridge",
    ],
)
def test_a_common_telling_of_an_emergency_is_heard(text: str) -> None:
    assert _outright(text)


@pytest.mark.parametrize(
    "text",
    [
        "we patted his back and he smiled, both sides",
        "a horse stood on my foot last week, toe is blue",
        "the hat is hanging down on the left",
        "gasping for a cuppa after that walk",
        "my eyelid keeps twitching, no sleep",
        "itchy all over, I can hardly stand it",
        "I jerk as I fall asleep, one leg kicks",
        "vein on my hand popped after the blood test, tiny bruise",
        "tonsils out on Monday, she wants ice cream",
        "lost count of how many biscuits, maybe 25",
        "this is my last message about the parking",
        "I won't be a burden to the desk, just one form",
    ],
)
def test_the_same_words_about_nothing_much_are_none(text: str) -> None:
    assert not _outright(text)
