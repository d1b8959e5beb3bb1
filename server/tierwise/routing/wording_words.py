"""What words of instructions stand for: which say the same, which say nothing, which may be missing.

Only groups whose members can take each other's place in any instruction about code are here. A word that is missing
here costs a paraphrase that is not recognized; one too many would cost an answer to another question.
"""

import re

_SENSES = {
    "add": "add introduce",
    "all": "all every each",
    "alphabetical": "alphabetical alphabetically",
    "annotation": "annotation",
    "ascending": "ascending asc",
    "async": "async asynchronous asynchronously",
    "call": "call invoke",
    "check": "check validate verify",
    "decrease": "decrease reduce",
    "descending": "descending desc",
    "fix": "fix correct repair",
    "if": "if when whenever",
    "increase": "increase raise enlarge",
    "maximum": "maximum max",
    "minimum": "minimum min",
    "not": "not never",
    "remove": "remove delete drop eliminate erase",
    "second": "second seconds sec secs s",
    "millisecond": "millisecond milliseconds ms msec",
    "show": "show display",
    "sort": "sort order",
    "split": "split divide",
    "sync": "sync synchronous synchronously",
    "throw": "raise throw",
    "use": "use utilize utilise employ",
}
SENSES: dict[str, frozenset[str]] = {
    word: frozenset(sense for sense, words in _SENSES.items() if word in words.split())
    for words in _SENSES.values()
    for word in words.split()
}
"""The senses of a word; two words may stand for each other if they share one."""

_NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve"
NUMBERS = {word: str(value) for value, word in enumerate(_NUMBERS.split())}

PREPOSITIONS = {
    "to": "to", "into": "to", "onto": "to", "in": "in", "inside": "in", "within": "in", "of": "of", "for": "for",
    "on": "on", "upon": "on", "at": "at", "as": "as",
}  # fmt: skip
"""Small words that say which part the next word plays."""

_EMPTY = """
a an the this these it its them my we us our you your please pls kindly thanks be is are am was were been being
do does did and make makes making convert converts converting turn turns transform change changes let lets should
shall must bitte der das dem ein eine einen einem einer diese dieser dieses le la les une du cette el los las una
unos unas il gli um uma пожалуйста
"""
EMPTY = frozenset(_EMPTY.split())
"""Words that say nothing which the rest does not."""

_PRONOUNS = "this these it them us you"
_SOFT = """
some here code snippet function method proper properly appropriate appropriately suitable suitably nice nicely clean
cleanly correctly given existing necessary needed
"""
PRONOUNS = frozenset(_PRONOUNS.split())
"""Those of the empty words that a small word in front makes a part of what is asked."""
SOFT = frozenset(_SOFT.split())
"""Words that may stand in one of two instructions alone."""

_NOUNS = """
variable function method class argument parameter attribute field constant property module package
"""
NOUNS = frozenset(_NOUNS.split())
"""What may stand in front of a name and say what it is the name of."""

MANNERS = frozenset({"ascending", "descending", "alphabetical"})
"""Senses whose place in the sentence does not matter while there is only one of them."""

_POLITE = (
    r"please|could you|can you|would you|will you|i want you to|i would like you to|i'd like you to|you should"
    r"|you must|we should|let's|let us|make sure (?:that|to)|ensure that|por favor|per favore"
    r"|s'il (?:te|vous) pla[iî]t"
    r"|thank you|thanks"
)
_TARGET = r"(?:function|method|code|snippet|selection|block)"
_HINTS = r"type[ -]?(?:hint|annotation)s?"
PHRASES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), to)
    for pattern, to in (
        (rf"(?<!\w)(?:{_POLITE})(?!\w)", " "),
        (r"ください|お願いします|请|麻烦|吧", " "),
        (r"\bcan(?:no|')t\b", " can not "),
        (r"(\w)n't\b", r"\1 not "),
        (r"^\W*document (?:this|the) ", "add documentation to this "),
        (r"^\W*document\W*$", "add documentation"),
        (rf"\b(?:to|for|of|in|inside|from|on) (?:this|the|that|my|our|selected|given|current) {_TARGET}\b(?! \w)", " "),
        (r"\b(?:to|for) (?:it|this)(?=\W*$)", " "),
        (rf"\b{_HINTS}\b", " typehints "),
        (r"\b(?:write|create)(?= (?:(?:a|an|some|the|unit) )*(?:test|docstring|documentation|comment)s?\b)", "add"),
        (r"\b(?:get rid of|take out|throw away|throw out)\b", "remove"),
        (r"\b(?:turn|switch) (on|off)\b", r"switch\1"),
        (r"\b(?:turn|switch) ((?:\w+ ){1,3})(on|off)(?=\W*$)", r"switch\2 \1"),
        (r"\b(?:enable|activate|switchon)\b", "enable"),
        (r"\b(?:disable|deactivate|switchoff)\b", "disable"),
        (r"\bin (ascending|descending|alphabetical) order\b", r"\1"),
        (r"\b(?:at most|up to|no more than)\b", "atmost"),
        (r"\b(?:at least|no (?:fewer|less) than)\b", "atleast"),
        (r"\b(?:instead of|rather than|in place of)\b", "insteadof"),
        (r"\b(?:the |a )?case (?:where|when|if|that)\b", "case when"),
        (r"\bin case\b", "if"),
        (r"\breplace ((?:\S+ ){1,6}?)by\b", r"replace \1with"),
        (r"\bchange the name of ((?:\S+ )+?)to\b", r"rename \1to"),
        (r"\bmake ((?:\S+ ){1,4})simpler\b", r"simplify \1"),
        (r"\bmake (?:it|this|the code|this code|the function|this function) faster\b", "speedup"),
        (r"\bspeed (?:(?:it|this|the code|this code|the function|this function) )?up\b", "speedup"),
        (r"\boptimi[sz]e (?:(?:it|this|the code|this code) )?for speed\b", "speedup"),
        (r"\bbreak ((?:\S+ ){0,4})up\b", r"split \1"),
        (r"\bsplit ((?:\S+ ){0,4})up\b", r"split \1"),
    )
)
"""What several words together stand for, replaced in this order."""
