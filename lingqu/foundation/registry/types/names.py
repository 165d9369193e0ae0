"""Pinyin sort keys and initials of names, with surnames read as surnames (单 is shan, 曾 is zeng)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

SURNAMES: dict[str, str] = {
    "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "区": "ou", "朴": "piao", "查": "zha", "盖": "ge", "任": "ren",
    "华": "hua", "纪": "ji", "乐": "yue", "缪": "miao", "宁": "ning", "覃": "qin", "冼": "xian", "翟": "zhai", "钭": "tou",
    "员": "yun", "尹": "yin", "折": "she", "种": "chong", "重": "chong", "祭": "zhai", "燕": "yan", "葛": "ge", "召": "shao",
    "黑": "he", "繁": "po", "谌": "chen", "贲": "ben", "句": "gou", "尉": "wei", "秘": "bi", "薄": "bo", "卜": "bu",
    "逄": "pang", "阚": "kan", "訾": "zi", "乜": "nie", "车": "che", "晟": "cheng", "哈": "ha", "佴": "nai", "洗": "xian",
    "郇": "xun", "幺": "yao", "行": "xing", "曲": "qu", "沈": "shen", "石": "shi", "柏": "bai", "牟": "mou", "观": "guan",
    "能": "nai", "仉": "zhang", "相": "xiang", "应": "ying", "盛": "sheng", "俞": "yu", "於": "yu", "教": "jiao",
    "尉迟": "yu chi", "万俟": "mo qi", "欧阳": "ou yang", "长孙": "zhang sun", "单于": "chan yu", "澹台": "tan tai",
    "令狐": "ling hu", "宰父": "zai fu", "呼延": "hu yan", "司马": "si ma", "上官": "shang guan", "诸葛": "zhu ge",
    "夏侯": "xia hou", "皇甫": "huang fu", "独孤": "du gu", "慕容": "mu rong", "宇文": "yu wen", "公孙": "gong sun",
    "轩辕": "xuan yuan", "东方": "dong fang", "端木": "duan mu", "赫连": "he lian", "拓跋": "tuo ba", "濮阳": "pu yang",
    "淳于": "chun yu", "太史": "tai shi", "申屠": "shen tu", "鲜于": "xian yu", "闾丘": "lü qiu", "司徒": "si tu",
    "司空": "si kong", "亓官": "qi guan", "钟离": "zhong li", "完颜": "wan yan", "纳兰": "na lan", "子车": "zi ju",
    "颛孙": "zhuan sun", "仲孙": "zhong sun", "宗政": "zong zheng", "公冶": "gong ye", "贺兰": "he lan", "百里": "bai li",
}  # fmt: skip
"""Readings as surnames; two characters are a compound surname. ``ü`` is written ``v`` in keys, as it is typed."""


@lru_cache(maxsize=40_000)
def _syllable(character: str) -> str:
    return lazy_pinyin(character, style=Style.NORMAL)[0].lower().replace("ü", "v")


def _is_han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff" or "\U00020000" <= character <= "\U0003ffff"


@lru_cache(maxsize=20_000)
def _surname(head: str) -> tuple[tuple[str, ...], int]:
    """Syllables of the surname that a name beginning with ``head`` (two characters) has, and its length; 0 for none."""
    for length in (2, 1):
        reading = SURNAMES.get(head[:length]) if len(head) >= length else None
        if reading:
            return tuple(reading.replace("ü", "v").split()), length
    return (), 0


def _syllables(name: str) -> list[str]:
    known, length = _surname(name[:2])
    made, word = list(known), ""
    for character in name[length:]:
        if _is_han(character):
            if word:
                made.append(word)
                word = ""
            made.append(_syllable(character))
        elif character.isalnum():
            word += character.lower()
        elif word:
            made.append(word)
            word = ""
    if word:
        made.append(word)
    return made


def name_key(name: str) -> tuple[str, str]:
    """``(sort key, initials)``: ``单雯`` → ``("shan wen", "sw")``; Latin words stay as they are, lower case."""
    syllables = _syllables(name)
    return " ".join(syllables), "".join([syllable[0] for syllable in syllables])


def name_keys(names: Iterable[str]) -> list[tuple[str, str]]:
    """``name_key`` over a column, each different name read once."""
    known: dict[str, tuple[str, str]] = {}
    made = []
    for name in names:
        found = known.get(name)
        if found is None:
            found = known[name] = name_key(name)
        made.append(found)
    return made


def typed_key(text: str) -> str:
    """What somebody typed to find a name by initials or pinyin, in the form of keys: lower case, single spaces."""
    return " ".join(text.lower().replace("ü", "v").replace("'", " ").split())
