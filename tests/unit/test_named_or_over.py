"""A sign that is only a name, or is over and ended well, raises nothing outright; its twin does."""

import pytest

import safety
from safety.verdict import PatientFacts, Tier, Verdict


def _heard(text: str) -> Verdict:
    return safety.screen(
        text, patient=PatientFacts(language="en"), readings=safety.read_vitals(text, language="en")
    )


def _outright(text: str) -> bool:
    verdict = _heard(text)
    return verdict.tier is Tier.P0 and not verdict.asked


#: by cause: nothing at all, and emergencies nearest in words, which stay outright
SILENT = {
    "the name of a clinic, a course, a group": (
        [
            "When is the stroke support group meeting?",
            "Who do I ring about the sepsis training for carers?",
            "I rang the chest pain clinic about parking.",
            "Thanks to the heart attack rehab team, lovely people.",
            "Is the overdose awareness evening in the hall?",
        ],
        [
            "The stroke support group says I should ring, my face is drooping",
            "I left the chest pain clinic an hour ago and it's back worse",
            "I'm at the heart attack rehab class and a man has collapsed",
            "I took an overdose, awareness is going",
        ],
    ),
    "over for a month and more, and it ended well": (
        [
            "My cousin had a stroke last autumn, doing great, walks every day.",
            "Our cook had a heart attack in June and he's back at work now, grumpy as ever.",
            "Neighbour's lad had a seizure last term and he's back playing football.",
            "I had a heart attack in 2012, been grand since.",
            "Granny had sepsis at Easter, home and cooking for the whole street again.",
            "My uncle had a stroke last winter and he coaches the under tens now.",
        ],
        [
            "dad had a stroke in 2012, been grand since, his face has dropped tonight",
            "He had a heart attack in June, back at work, and today the crushing pain is back",
            "My husband had a stroke last autumn and was doing great, but now he can't speak",
            "I had chest pain two months ago, since then I get it on the stairs and it's bad now",
        ],
    ),
    "a question answered no": (
        [
            "Chest pain? Not a twinge.",
            "Slurred speech? Never.",
            "Blurry vision? No. Swelling? No. 30 weeks and grand.",
            "Any seizures? Not once.",
            "Nae chest pain, nae cough, just need ma repeat.",
        ],
        [
            "Any chest pain? Yes since noon",
            "Chest pain? Not sure, like a weight on me",
            "Blurry vision? No, black spots and a terrible headache, 34 weeks pregnant",
        ],
    ),
    "a figure of speech": (
        [
            "That manager's such a pain in the chest, honestly",
            "I could spit blood over that parking fine",
            "She stabbed me in the back over the promotion",
            "Our daughter passed out as a midwife yesterday, so proud",
            "I ran six kms before breakfast",
            "I laughed till I nearly choked on my tea",
            "Why do they say never wake a sleepwalker?",
        ],
        [
            "I've a pain in the chest, he says it's nothing",
            "She was stabbed in the back with a knife",
            "foaming at the mouth and jerking",
            "He passed out as we got to the car",
            "kms tonight",
            "she choked on her tea and she's gone blue",
            "she never wakes when I shake her now",
        ],
    ),
    "a small thing in words of a great one": (
        [
            "blue inhaler not used all week, peak flow 470",
            "ketones 0.2 and sugar 5.5, that was the sick day practice",
            "baby weighs 6.1 kg and is drinking all her bottles",
        ],
        [
            "inhaler hasn't touched it, still wheezing",
            "ketones 4.2 and I'm being sick",
            "burn on her face from acid, big and white",
        ],
    ),
}


@pytest.mark.parametrize("text", [line for quiet, _ in SILENT.values() for line in quiet])
def test_what_is_a_name_or_over_or_denied_is_no_emergency_and_no_question(text: str) -> None:
    verdict = _heard(text)
    assert verdict.tier is not Tier.P0 and not verdict.asked


@pytest.mark.parametrize("text", [line for _, urgent in SILENT.values() for line in urgent])
def test_the_emergency_in_nearly_the_same_words_is_one_outright(text: str) -> None:
    assert _outright(text)


@pytest.mark.parametrize(
    "text",
    [
        'The bill says "chest pain" and I came for my ears.',
        "My claim form says overdose under history, that is not my file.",
        "The nurse asked did I ever have a seizure. Never.",
        "On the telenovela the doctor had a heart attack, I screamed",
        "News24 says the ex-minister had a stroke",
        "Casualty's on, second cardiac arrest already lol",
        "Is a heart attack always painful? Just curious.",
        "Line of Duty last night, somebody got shot in the chest",
        "What's the survival rate for cardiac arrest in a shopping centre?",
        "Poster in your hall says Sudden headache? Call 999. A nine has fallen off.",
        "Blood poisoning from a rose thorn, 1969.",
        "My friend took an overdose years ago and she is now a brilliant teacher",
    ],
)
def test_a_paper_a_programme_or_an_idle_question_is_asked_about(text: str) -> None:
    verdict = _heard(text)
    assert verdict.tier is Tier.P0 and verdict.asked


@pytest.mark.parametrize(
    "text",
    [
        "Mum fainted this morning, she says she's doing well",
        "my wife had a seizure an hour ago, up and about, but muddled",
        "Grandad collapsed at home and he's not himself",
        "sudden tearing pain between the shoulder blades, says the doctor who came",
        "chest pain, stent 2009",
        "my sister took an overdose, she's a nurse",
        "they found me shaking and frothing, I'm home now with a banging head",
    ],
)
def test_a_good_word_on_the_same_day_hides_nothing(text: str) -> None:
    assert _outright(text)
