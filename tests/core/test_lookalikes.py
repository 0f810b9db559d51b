"""Which names pass for one another, and which honest names do not."""

from __future__ import annotations

import sys
import unicodedata
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproto.core import confusables, lookalikes, names, reserved
from chatproto.core.lookalikes import Lookalikes, looks, skeleton

if TYPE_CHECKING:
    from collections.abc import Callable

ALIKE = st.text(
    st.sampled_from("aAiIlL1oO0mMrnеЕоОмМνΝıɑ\u0332\u0301ᎪᏆꓮ೦éÉßσΣİ"), min_size=1, max_size=5
)
ANY_NAME = st.text(st.characters(categories=["L", "M", "N"]), min_size=1, max_size=8)


def rivals(one: str, other: str) -> bool:
    return looks(one).rival(looks(other))


@pytest.mark.parametrize(
    ("name", "lookalikes"),
    [
        ("alice", "alıce ɑlice a̲lice aǀice ᎪᏞᏆᏟᎬ ꓮꓡꓲꓚꓰ ᴀʟɪᴄᴇ AIice A1ice aIiCe"),
        ("Alice", "alıce ɑlice a̲lice aǀice ᎪᏞᏆᏟᎬ ꓮꓡꓲꓚꓰ ᴀʟɪᴄᴇ AIice A1ice aIiCe"),
        ("bob", "b೦b b0b ВОВ ВоЬ ʙoʙ"),
        ("modern", "rnodern RNODERN Rnodem"),
        ("coco", "сосо СОСО Сосо"),
        ("Oleg", "0leg O1eg οleg"),
        ("HATA", "НАТА"),
        ("tomato", "ТОМАТО"),
        ("ABBA", "ΑΒΒΑ"),
        ("Ёлка", "Ëлка"),  # a Latin Ë
        ("سارة", "سارۃ"),
    ],
)  # fmt: skip
def test_a_lookalike_is_a_rival_of_the_name_in_any_case(name: str, lookalikes: str) -> None:
    for other in lookalikes.split():
        assert rivals(name, other), other
        assert rivals(other, name), other


# Names that people have: none may stand in the way of another.
HONEST = {
    "English": "alice bob carol dave Clara Ciara dara Claire Mia Lia Ella Eli Emma Anna Hannah Nina Tina Ivan Ian "
    "Ivy Lily William Bill Will Jill Gill Oliver Olivia Leo Lea Sam Pam Tom Tim Jim Kim Ann Dan Don Ron",
    "with accents": "José Jose Zoë Zoe Müller Muller Łukasz Lukasz Bjørn Bjorn Søren Nguyễn Thu Thư Hoa Hòa Hóa "
    "İlker Ilker Çağla Ğ",
    "Russian": "Алиса Боб Маша Даша Саша Паша Миша Гриша Андрей Артём Артем Анна Инна Нина Дина Дима Тима Тёма "
    "Вова Лёва Лена Лина Яна Ян Олег Ольга Оля Коля Поля Толя Юля Юра Шура Жора Сеня Соня Таня Ваня Рома "
    "Илья Ия Ира Кира Мила Мира Майя Ефим Семён Пётр Лев Вера Надя Катя Петя Витя Митя",
    "Ukrainian": "Олексій Їжак Ігор Ганна Євген Наталія Андрій",
    "Serbian": "Ђорђе Јована Љиљана Његош Џон Ћира",
    "Greek": "Ελένη Γιώργος Μαρία Νίκος Σοφία Αλέξης Κώστας Ειρήνη Δήμητρα",
    "Arabic": "محمد أحمد فاطمة علي عمر سارة خالد ليلى يوسف مريم نور هدى حسن حسين",
    "Persian": "رضا پریسا زهرا کامران پری گلی",
    "Hebrew": "שרה דוד רחל משה לאה יעקב נועה אורי",
    "Hindi": "राम सीता अमित प्रिया राज नेहा कविता विजय",
    "Bengali": "রবি মিতা সুমন অনিতা",
    "Tamil": "கவின் மீனா ரவி அனிதா",
    "Thai": "สมชาย สมหญิง มานี มานะ ปิติ",
    "Japanese": "さくら サクラ たろう タロウ 太郎 次郎 花子 佐々木 鈴木 田中 中田 ゆき ユキ",
    "Chinese": "王伟 李娜 张伟 刘洋 陈静 杨勇",
    "Korean": "김철수 이영희 박민수 최지우 정수진",
    "Georgian": "ნინო გიორგი დავით თამარ",
    "Armenian": "Արամ Անի Գոռ Նարե",
}


@pytest.mark.parametrize("name", " ".join(HONEST.values()).split())
def test_an_honest_name_may_be_taken(name: str) -> None:
    assert names.nick(name) == unicodedata.normalize("NFKC", name)
    reserved.check(name, looks(name))


def test_honest_names_live_side_by_side() -> None:
    everybody = [(name, looks(name)) for name in " ".join(HONEST.values()).split()]
    found = [(a, b) for (a, one), (b, other) in combinations(everybody, 2) if one.rival(other)]
    assert not found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ian", "Lan"),  # a capital i is a small L, and Lan is lan
        ("Mamie", "Marnie"),
        ("Erna", "Ema"),
        ("Вова", "Boba"),
        ("مريم", "مریم"),  # Maryam, by an Arab and by a Persian
        ("へいわ", "ヘいわ"),  # two alphabets of Japanese, and one drawing
        ("guest-1", "guest-l"),
    ],
)
def test_what_looks_the_same_is_refused_to_honest_people_too(one: str, other: str) -> None:
    assert rivals(one, other)


@given(ALIKE | ANY_NAME, ALIKE | ANY_NAME)
def test_names_of_one_skeleton_are_rivals_and_rivals_are_so_both_ways(one: str, other: str) -> None:
    assert rivals(one, one)
    assert rivals(one, other) == rivals(other, one)
    if skeleton(one) == skeleton(other):
        assert rivals(one, other)


@given(ALIKE, st.sampled_from([str.lower, str.upper]))
def test_a_lookalike_of_a_name_in_another_case_is_a_rival(
    name: str, case: Callable[[str], str]
) -> None:
    other = unicodedata.normalize("NFC", skeleton(case(name)))
    assert rivals(name, other)


@given(st.text(st.characters(max_codepoint=0x7F)))
def test_plain_ascii_takes_the_fast_path_to_the_same_end(plain: str) -> None:
    assert skeleton(plain) == plain.translate(confusables.read())


def test_every_letter_has_an_end_to_its_outlines() -> None:
    for point in range(sys.maxunicode):
        if unicodedata.category(char := chr(point))[0] in "LMN":
            looks(char)


def test_every_korean_syllable_is_its_own() -> None:
    syllables = [chr(point) for point in range(0xAC00, 0xD7A4)]
    assert len({lookalikes._roughly(lookalikes._outline(one)) for one in syllables}) == len(
        syllables
    )


# -- finding ----------------------------------------------------------------------------------------


def test_a_rival_is_found_by_its_looks_until_it_is_removed() -> None:
    known: Lookalikes[str] = Lookalikes()
    known.add("alice", looks("alice"))
    known.add("tom", looks("Tom"))
    known.add("том", looks("Том"))  # both are TOM in capitals
    assert next(known.rivals(looks("AIice"))) == "alice"
    assert set(known.rivals(looks("ТОМ"))) == {"tom", "том"}
    known.remove("том", looks("Том"))
    assert set(known.rivals(looks("ТОМ"))) == {"tom"}
    known.remove("tom", looks("Tom"))
    known.remove("alice", looks("alice"))
    assert not list(known.rivals(looks("alice")))
    assert not known._owners
