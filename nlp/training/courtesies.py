"""Courtesies put around a request on purpose: a greeting before it, thanks and a name after it, change nothing in it.

People who write training messages come to the point; customers greet first. Without this a short request under a
greeting is read as the greeting, and nobody answers it.
"""

import random


def _listed(words: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split("|"))


_OPENERS = {
    "en": _listed(
        """hi|hello|hey|hi there|hello there|hey there|good morning|good afternoon|good evening|morning|
        afternoon|evening|hiya|hey guys|hi team|hello team|dear support|dear team|dear sir or madam|hi all|
        hi everyone|hello again|hi again|good day|greetings|howdy|excuse me|sorry to bother you|hope you're well|
        hi, hope you are well|hey, quick question|hello, anyone there|anyone around|hi folks|hello sir|hi mate|yo|
        hallo"""
    ),
    "zh": _listed(
        """你好|您好|你好啊|您好呀|你们好|哈喽|哈啰|嗨|嘿|亲|亲亲|亲爱的|在吗|在么|在不在|早|早上好|早安|
        上午好|中午好|下午好|晚上好|客服你好|客服您好|你好客服|打扰一下|打扰了|不好意思|不好意思打扰一下|请问|
        请问一下|请教一下|麻烦问一下|想问一下|问一下|老师好|老板好|老板|小姐姐|小哥哥|小哥|美女|师傅你好|hello|hi|
        嗨喽|您好在吗|你好在吗|亲在吗|哈喽在吗"""
    ),
}
_CLOSERS = {
    "en": _listed(
        """thanks|thank you|many thanks|thanks a lot|thanks so much|thank you very much|thanks in advance|
        thank you in advance|cheers|ta|thx|ty|tia|thanks guys|thanks team|thanks for your help|
        thank you for your time|appreciate it|much appreciated|please and thank you|have a nice day|have a good one|
        bye|sorry for the trouble|looking forward to your reply"""
    ),
    "zh": _listed(
        """谢谢|谢谢啦|谢谢了|谢谢哈|谢谢您|谢谢你|多谢|多谢了|感谢|感谢感谢|先谢谢了|先谢过|提前感谢|
        麻烦了|麻烦您了|麻烦你啦|辛苦了|辛苦啦|拜托了|拜托啦|谢谢亲|谢谢老板|谢谢客服|有劳了|打扰了|不好意思麻烦了|
        祝生意兴隆|祝工作顺利|等你回复"""
    ),
}
_SIGNED = _listed("regards|kind regards|best regards|best wishes|best|yours|thanks|thank you|cheers|many thanks")
_NAMES = _listed(
    "Anna|Tom|Priya|Mark|Sofia|Lee|Chris|Fatima|Dave|Julia|Omar|Kate|Ben|Maria|James|Yuki|Sam|Olga|Raj|Emma"
)
_FACES = ("😊", "🙏", "👋", "🌹", "🙂", "😄", "❤️", "~")
_BEFORE = {"en": (", ", "! ", ". ", " ", " - ", "... ", "!! "), "zh": (",", "!", "~", " ", "", "。", "!!", "…", ",")}
_ENDS = ".!?~\u3002\uff01\uff1f\uff5e"
_AFTER = {"en": (". ", ", ", " ", "! ", "? "), "zh": (",", "。", " ", "", "~", "!")}


def surrounded(text: str, tongue: str, chance: random.Random) -> str:
    """The text with a courtesy before it, after it, or both; `tongue` is "en" or "zh"."""
    where = chance.random()
    if where < 0.75:
        text = _opened(text, tongue, chance)
    return _closed(text, tongue, chance) if where > 0.6 else text


def _opened(text: str, tongue: str, chance: random.Random) -> str:
    opener = _cased(chance.choice(_OPENERS[tongue]), chance)
    between = chance.choice(_BEFORE[tongue])
    if chance.random() < 0.1:
        between = f"{chance.choice(_FACES)} "
    return opener + between + text


def _closed(text: str, tongue: str, chance: random.Random) -> str:
    between = chance.choice(_AFTER[tongue])
    if text[-1] in _ENDS:  # it ended already
        between = "" if tongue == "zh" else " "
    closer = _cased(chance.choice(_CLOSERS[tongue]), chance)
    if tongue == "en" and chance.random() < 0.3:
        end = chance.choice((", ", " ", ". "))
        signed = _cased(chance.choice(_SIGNED), chance)
        closer = signed + end + chance.choice(_NAMES)
        if chance.random() < 0.3:
            closer = f"{_cased(chance.choice(('thanks', 'thank you')), chance)}! {closer}"
    end = chance.choice(("", "", "!", ".", f" {chance.choice(_FACES)}", chance.choice(_FACES)))
    return text + between + closer + (end.replace(".", "。") if tongue == "zh" else end)


def _cased(words: str, chance: random.Random) -> str:
    return words[:1].upper() + words[1:] if chance.random() < 0.7 else words
