"""What a template may be built of, and what it may say: everything refused here would have reached a person."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpdesk.errors import Problem
from helpdesk.model.delivery import Purpose
from tests.mail.templates_ground import ACKNOWLEDGEMENT, SHIPPED, library, values, with_line, write

ACK = Purpose.ACKNOWLEDGEMENT
STAFF = (SHIPPED / "staff_assigned.md").read_text(encoding="utf-8")


def problems(directory: Path, text: str, name: str = "acknowledgement.md") -> list[Problem]:
    write(directory, name, text)
    return [problem for problem in library(directory).check() if "is missing; its last good" not in problem.what]


def refusals(directory: Path, text: str, name: str = "acknowledgement.md") -> list[str]:
    return [f"{each.where.rpartition('/')[2]} {each.what}" for each in problems(directory, text, name) if not each.warning]


def warnings(directory: Path, text: str, name: str = "acknowledgement.md") -> list[str]:
    return [f"{each.where.rpartition('/')[2]} {each.what}" for each in problems(directory, text, name) if each.warning]


@pytest.mark.parametrize(
    "line",
    [
        "{{ office.hours }}",
        "{{ office.hours|upper|trim }}",
        "{{ 'a' if office.open else 'b' }}",
        "{% if office.open and not requester.name or office.hours == 'x' %}a{% elif office.hours %}b{% else %}c{% endif %}",
        "{% for s in signposts %}\n- {{ s.text }}{% if not loop.last %},{% endif %} {{ loop.index }}\n{% endfor %}",
        "{% if signposts %}{{ signposts|length }}{% endif %}",
        "{# {{ range(9) }} #}",
        "{% raw %}a { b; } c{% endraw %}",
        "{{ 'plain words' }}",
        "{{ 'a' if requester.name == 'nobody' }}",
    ],
)
def test_what_a_letter_needs_is_taken(tmp_path: Path, line: str) -> None:
    assert refusals(tmp_path, with_line(line)) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{{ 9 ** 9 ** 9 ** 9 }}", "Sums can't be used"),
        ("{{ 'x' * 999999999 }}", "Sums can't be used"),
        ("{{ -office.open }}", "Sums can't be used"),
        ("{{ 1 // 0 }}", "Sums can't be used"),
        ("{{ range(10**9) }}", "A call with () can't be used"),
        ("{% for a in signposts %}{% for b in signposts %}x{% endfor %}{% endfor %}", "A loop can't stand in a loop"),
        ("{% for a in range(9) %}x{% endfor %}", "A loop can only go through signposts"),
        ("{% for a in 'abc' %}x{% endfor %}", "A loop can only go through signposts"),
        ("{% for a, b in signposts %}x{% endfor %}", "A loop needs a word of its own"),
        ("{% for office in signposts %}x{% endfor %}", "A loop needs a word of its own"),
        ("{% for a in signposts recursive %}x{% endfor %}", "A loop can't have"),
        ("{% for a in signposts if a.name %}x{% endfor %}", "A loop can't have"),
        ("{% for a in signposts %}x{% else %}y{% endfor %}", "A loop can't have"),
        ("{% for a in signposts %}{{ loop.cycle }}{% endfor %}", "“loop.cycle” is not known"),
        ("{% for a in signposts %}{{ a.nmae }}{% endfor %}", "This template knows no “a.nmae”"),
        ('{% for a in signposts %}{% include "_a" %}{% endfor %}', "A piece can't be included in a loop"),
        ("{% macro m() %}x{% endmacro %}", "A macro can't be used"),
        ('{% import "os" as o %}', "An import can't be used"),
        ('{% from "_a" import x %}', "An import can't be used"),
        ('{% extends "_a" %}', "“extends” can't be used"),
        ("{% block b %}x{% endblock %}", "A block can't be used"),
        ("{% set x = 1 %}", "“set” can't be used"),
        ("{% set x %}1{% endset %}", "“set” can't be used"),
        ("{% with x = 1 %}{% endwith %}", "This can't be used"),
        ("{% filter upper %}x{% endfilter %}", "This can't be used"),
        ("{% autoescape false %}x{% endautoescape %}", "This can't be used"),
        ("{{ [1, 2] }}", "This can't be used"),
        ("{{ 1.5 }}", "This can't be used"),
        ("{{ office['open'] }}", "[ ] can't be used"),
        ("{{ office.hours ~ 'x' }}", "~ can't be used"),
        ("{% if office.hours is defined %}x{% endif %}", "“is” can't be used"),
        ("{% if 'a' in office.hours %}x{% endif %}", "Only == and != can compare"),
        ("{{ office.hours|replace('a', 'b') }}", "The filter “replace” can't be used"),
        ("{{ office.hours|attr('x') }}", "The filter “attr” can't be used"),
        ("{{ office.hours|trim('x') }}", "The filter “trim” takes nothing"),
        ("{% include '_nowhere' %}", "There is no piece “_nowhere”"),
        ("{% include '../../etc/passwd' %}", "There is no piece “../../etc/passwd”"),
        ("{% include ['_a', '_b'] %}", "What is included has to be named in full"),
        ("{% include office.hours %}", "What is included has to be named in full"),
        ("{% include '_a' ignore missing %}", "An include takes no further words"),
        ("{% include '_a' without context %}", "An include takes no further words"),
        ("{{ office }}", "“office” is a group of values"),
        ("{{ office.hours.upper }}", "A value is a group, a dot and a name"),
        ("{{ ''.__class__ }}", "A value is a group, a dot and a name"),
        ("{{ office.__class__ }}", "This template knows no “office.__class__”"),
        ("{{ self }}", "This template knows no “self”"),
        ("{{ message.new_text }}", "This template knows no “message.new_text”"),
        ("{{ staff.name }}", "This template knows no “staff.name”"),
        ("{{ signposts }}", "“signposts” is a list"),
        ("{{ signposts|upper }}", "“signposts” is a list"),
        ("{{ signposts.text }}", "“signposts” is a list"),
        ("{{ office.open }}", "“office.open” is only true or false"),
        ("{{ office.open|upper }}", "“office.open” is only true or false"),
        ("{{ office.open if office.hours else office.hours }}", "“office.open” is only true or false"),
        ("{{ office.hours == 'x' }}", "A comparison has no words to show"),
        ("{% if office.open %}", "Unexpected end of template"),
        ("{{ office.hours", "expected token 'end of print statement'"),
        ("{{ " + "(" * 3000 + "office.hours" + ")" * 3000 + " }}", "Too much stands inside one another"),
        ("{% if " + " and ".join(["office.open"] * 3000) + " %}x{% endif %}", "Too much stands inside one another"),
    ],
)  # fmt: skip
def test_what_could_run_long_or_reach_out_is_refused(tmp_path: Path, line: str, said: str) -> None:
    write(tmp_path, "_a.md", "A piece.")
    found = refusals(tmp_path, with_line(line))
    assert any(said.casefold() in each.casefold() for each in found), found


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("{office.hours}", "{office.hours}"), ("{ office.hours }", "{ office.hours }"), ("{name}", "{name}"),
        ("{% raw %}{{ office.hours }}{% endraw %}", "{{ office.hours }}"), (r"\{\{ office.hours \}\}", "{{ office.hours }}"),
        ("{% raw %}{% if x %}{% endraw %}", "{% if x %}"), ("office.hours }}", "}}"), ("{{ '{{' }}", "{{"),
        ("{% raw %}{# why #}{% endraw %}", "{# why #}"),
    ],
)  # fmt: skip
def test_braces_that_would_reach_the_reader_are_refused(tmp_path: Path, line: str, shown: str) -> None:
    found = refusals(tmp_path, with_line(line))
    assert len(found) == 1
    assert f"“{shown}” would reach the reader just like this." in found[0]


def test_braces_in_a_subject_or_a_staff_mail_are_refused_too(tmp_path: Path) -> None:
    said = "“{office.hours}” would reach the reader just like this."
    assert len(refusals(tmp_path, STAFF + "\n{office.hours}\n", "staff_assigned.md")) == 1
    text = ACKNOWLEDGEMENT.replace("Your message", "Your {office.hours}", 1)
    assert f"acknowledgement.md, line 1 {said}" in refusals(tmp_path, text)


@pytest.mark.parametrize(
    "line", ["![logo](https://www.example.org/x.png)", "![](x)", "![{{ office.hours }}](x)", "<img src='x'>"]
)
def test_a_picture_is_refused_in_words(tmp_path: Path, line: str) -> None:
    assert any("is a picture, and our mails have none" in each for each in refusals(tmp_path, with_line(line)))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("[write](mailto:info@exithate.org)", "is a link that writes a new mail"),
        ("[write](mail{# #}to:info@exithate.org)", "is a link that writes a new mail"),
        ("[write](mailto:dana%40staff.test)", "is a link that writes a new mail"),
        ("Write to dana@staff.test.", "“dana@staff.test” is not the address that people write to."),
        ("Write to dana{# #}@staff.test.", "“dana@staff.test” is not the address that people write to."),
        ("Write to ｄana＠staff.test.", "“dana@staff.test” is not the address that people write to."),
        ("<dana@staff.test>", "“dana@staff.test” is not the address that people write to."),
        ("[here](https://www.example.org/?to=dana@staff.test)", "is not the address that people write to."),
    ],
)  # fmt: skip
def test_an_address_of_somebody_else_never_reaches_a_requester(tmp_path: Path, line: str, said: str) -> None:
    assert any(said in each for each in refusals(tmp_path, with_line(line)))


def test_our_own_address_may_be_named_and_staff_may_read_any(tmp_path: Path) -> None:
    assert refusals(tmp_path, with_line("Write to {{ organisation.email }} or Info@ExitHate.org.")) == []
    assert refusals(tmp_path, STAFF + "\nAsk dana@staff.test.\n", "staff_assigned.md") == []


@pytest.mark.parametrize(("length", "refused"), [(150, False), (151, True)])
def test_a_subject_has_an_end(tmp_path: Path, length: int, refused: bool) -> None:
    found = refusals(tmp_path, ACKNOWLEDGEMENT.replace("Your message", "x" * length, 1))
    assert found == (["acknowledgement.md, line 1 The subject is longer than 150 characters."] if refused else [])


@pytest.mark.parametrize("tag", ["{% autoescape false %}x{% endautoescape %}", "{% with %}x{% endwith %}"])
def test_what_jinja_gives_no_line_still_has_one(tmp_path: Path, tag: str) -> None:
    assert [each.partition(" This ")[0] for each in refusals(tmp_path, with_line(tag))] == ["acknowledgement.md, line 14"]


def test_every_problem_of_a_tree_names_its_own_line(tmp_path: Path) -> None:
    text = with_line("{{ office.a }}\n{% if office.open %}\n{{ office.b }}\n{% endif %}\n\n{# note #}\n{{ office.c }}")
    assert [each.partition(" This ")[0] for each in refusals(tmp_path, text)] == [
        "acknowledgement.md, line 14",
        "acknowledgement.md, line 16",
        "acknowledgement.md, line 20",
    ]


def test_a_subject_is_checked_like_the_body(tmp_path: Path) -> None:
    text = ACKNOWLEDGEMENT.replace("Your message", "{{ office.hourz }}", 1)
    assert refusals(tmp_path, text) == ["acknowledgement.md, line 1 This template knows no “office.hourz”."]


def test_a_piece_is_checked_for_each_template_that_takes_it_in(tmp_path: Path) -> None:
    write(tmp_path, "_who.md", "One.\n\n{{ staff.name }}")
    text = with_line('{% include "_who" %}')
    assert refusals(tmp_path, text) == ["_who.md, line 3 This template knows no “staff.name”."]
    assert refusals(tmp_path, STAFF.replace("Hello {{ staff.name }}", '{% include "_who" %}'), "staff_assigned.md") == [
        "_who.md, line 3 This template knows no “staff.name”."
    ]


def test_a_piece_takes_in_no_other_piece(tmp_path: Path) -> None:
    write(tmp_path, "_a.md", '{% include "_a" %}')
    assert refusals(tmp_path, with_line('{% include "_a" %}')) == ["_a.md, line 1 A piece can't include another piece."]


def test_a_piece_that_is_not_closed_is_named_itself(tmp_path: Path) -> None:
    write(tmp_path, "_a.md", "One.\n\n{% if office.open %}x")
    assert [each[:14] for each in refusals(tmp_path, with_line('{% include "_a" %}'))] == ["_a.md, line 3 "]


def test_too_much_text_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "_a.md", "word " * 10_000)
    text = with_line('{% include "_a" %}\n\n' * 3)
    assert any("It writes more than 100 KB of text." in each for each in refusals(tmp_path, text))


def test_a_tag_at_the_end_of_a_line_of_words_keeps_the_paragraphs_apart(tmp_path: Path) -> None:
    write(tmp_path, "acknowledgement.md", with_line("One.{% if office.open %} Two.{% endif %}\n\nThree."))
    assert "One. Two.\n\nThree." in library(tmp_path).render(ACK, "en", values(ACK)).text


def test_a_line_of_tags_leaves_no_trace(tmp_path: Path) -> None:
    line = "One\n  {% if office.open -%}  {# why #}\ntwo\n{% endif %}\nthree."
    write(tmp_path, "acknowledgement.md", with_line(line))
    assert "\n\nOne two three.\n\n" in library(tmp_path).render(ACK, "en", values(ACK)).text


@pytest.mark.parametrize(
    "words",
    [
        "Call 0900 555 555", "Call 0800 011 3764", "Call 116 124", "Call 112", "Call 101", "text 85259", "+44 (0)20 7946 0018",
        "call 0800\n1112", "01.23.45.67", "Call 99{# #}8 12", "{{ '0900555555' }}",
        "{% if requester.name == 'x' %}0900 555 555{% endif %}",
        "0900&#53;55", "Call ０９００ ５５５ ５５５", "Call ٠٩٠٠ ٥٥٥ ٥٥٥",
        "Call 09\u200b00\u200b 555 555", "Call 0900\u2011555\u2011555",
        "Call １１２", "[call](te{# #}l:0900555555)",
    ],
)  # fmt: skip
def test_a_number_that_nobody_vouched_for_is_refused(tmp_path: Path, words: str) -> None:
    found = refusals(tmp_path, with_line(words))
    assert len(found) >= 1
    assert all("looks like a number to call or text" in each for each in found)


@pytest.mark.parametrize(
    "words",
    [
        "Call 999, 116 123, 111, 0800 1111 or text 85258.", "Open 10:00 to 16:00, or 10.00-16.00.", "On 2026-11-09.",
        "Call ９９９ or ١١٦ ١٢٣.",
        "Charity 1197666, company 12914735.", "In 2026.", "1. one\n2. two", "It took 20 people.", "{{ signposts|length }}",
    ],
)  # fmt: skip
def test_known_numbers_hours_and_dates_are_taken(tmp_path: Path, words: str) -> None:
    assert refusals(tmp_path, with_line(words)) == []


def test_a_number_in_a_staff_mail_is_refused_too(tmp_path: Path) -> None:
    assert len(refusals(tmp_path, STAFF + "\nCall 0900 555 555.\n", "staff_assigned.md")) == 1


@pytest.mark.parametrize(
    "words",
    [
        "This is confidential.", "We are always here.", "Open 24/7.", "We answer immediately.",
        "You hear from us within 24 hours.",
        "We answer within\nan hour.", "We answer today.", "We are back tomorrow.", "Around the clock.",
    ],
)  # fmt: skip
def test_a_promise_is_warned_of_with_its_line(tmp_path: Path, words: str) -> None:
    found = warnings(tmp_path, with_line(words))
    assert len(found) == 1
    assert found[0].startswith("acknowledgement.md, line 14 “")
    assert "promises" in found[0]


def test_a_warning_keeps_nothing_from_serving(tmp_path: Path) -> None:
    write(tmp_path, "acknowledgement.md", with_line("We are always here."))
    desk = library(tmp_path)
    assert desk.refresh() == ()
    assert "We are always here." in desk.render(ACK, "en", values(ACK)).text


def test_staff_may_read_such_words(tmp_path: Path) -> None:
    write(tmp_path, "_signature.md", "x")
    assert warnings(tmp_path, STAFF + "\nPlease answer today.\n", "staff_assigned.md") == []


@pytest.mark.parametrize(
    ("subject", "given_away"),
    [
        ("Exit Hate: your message", "Exit Hate"), ("From Exit Hate Trust", "Exit Hate Trust"), ("Are you in danger?", "danger"),
        ("Ticket 1042", "1042"), ("Hello {{ requester.name }}", "Rowan"), ("exithate.com", "exithate.com"),
    ],
)  # fmt: skip
def test_a_subject_gives_nobody_away(tmp_path: Path, subject: str, given_away: str) -> None:
    found = refusals(tmp_path, ACKNOWLEDGEMENT.replace("Your message", subject, 1))
    assert f"acknowledgement.md, line 1 The subject gives away “{given_away}” on a lock screen." in found


@pytest.mark.parametrize(
    ("opening", "given_away"),
    [
        ("Hello from Exit Hate,", "Exit Hate"), ("Hello {{ requester.name }},", "Rowan"), ("Call 999 now.", "999"),
        ("We help people leave extremism.", "extremism"), ("About the police,", "police"), ("Our suicide line,", "suicide"),
        ("{{ organisation.email }}", "exithate.org"), ("We are open at {{ office.opens_time }}", "10:00"),
    ],
)  # fmt: skip
def test_the_first_lines_give_nobody_away(tmp_path: Path, opening: str, given_away: str) -> None:
    found = refusals(tmp_path, ACKNOWLEDGEMENT.replace("Hello,", opening, 1))
    assert f"acknowledgement.md The first 140 characters give away “{given_away}” on a lock screen." in found


def test_words_that_only_contain_such_a_word_are_fine(tmp_path: Path) -> None:
    assert (
        refusals(tmp_path, ACKNOWLEDGEMENT.replace("Hello,", "Hello, whatever made you write, a whole chat is fine,", 1)) == []
    )


@pytest.mark.parametrize("missing", ["You Are Not Alone.", "{{ organisation.signature }}"], ids=["motto", "signature"])
def test_a_missing_sign_off_is_refused(tmp_path: Path, missing: str) -> None:
    assert any("is missing (open)" in each for each in refusals(tmp_path, ACKNOWLEDGEMENT.replace(missing, "")))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Subject: Your message", "Subject: Thank you", "The subject is not “Your message”"),
        ("{{ organisation.registered_name }}", "", "The registered name is missing"),
        ("Call 999 if anyone is in danger.", "", "No number to call is named"),
        ("We open again on {{ office.opens_at }}.", "", "It is not said when the office opens (closed until Monday)"),
    ],
)
def test_what_a_good_acknowledgement_holds_is_warned_of(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = ACKNOWLEDGEMENT.replace(old, new, 1)
    assert refusals(tmp_path, text) == []
    assert any(said in each for each in warnings(tmp_path, text))


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("Subject: A message is waiting", "Subject: {{ message.subject }}", "message.subject"),
        ("A message is waiting for you.", "{{ message.new_text }}", "message.new_text"),
        ("A message is waiting for you.", "From {{ message.sender_address }}.", "message.sender_address"),
    ],
)
def test_a_staff_members_lock_screen_shows_no_content(tmp_path: Path, old: str, new: str, shown: str) -> None:
    assert any(
        f"A lock screen would show “{shown}”" in each
        for each in refusals(tmp_path, STAFF.replace(old, new, 1), "staff_assigned.md")
    )


def test_a_value_can_not_say_where_a_link_leads(tmp_path: Path) -> None:
    found = refusals(tmp_path, STAFF.replace("## About", "[x]({{ message.new_text }})\n\n## About"), "staff_assigned.md")
    assert any("A link leads nowhere that we can check" in each for each in found)


def test_our_own_website_may_be_where_a_link_leads(tmp_path: Path) -> None:
    write(tmp_path, "acknowledgement.md", with_line("[our website](https://{{ organisation.website }}/x_y)"))
    desk = library(tmp_path)
    assert desk.refresh() == ()
    rendered = desk.render(ACK, "en", values(ACK))
    assert 'href="https://www.exithate.com/x_y"' in rendered.html
    assert "our website (https://www.exithate.com/x_y)" in rendered.text
