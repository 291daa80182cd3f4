"""History that only the HTML marks: introductions in languages that no table holds, and quotations without `>`."""

from __future__ import annotations

import pytest

from helpdesk.core.reply import new_text

TEXT = "Asante sana, nitapiga simu kesho.\n\nJumatatu tarehe 2 Novemba Mike aliandika\n\nHabari Sam, ungependa kuzungumza?"
WORDS = "Asante sana, nitapiga simu kesho."
BEFORE = f"<div>{WORDS}</div>"
AFTER = "Jumatatu tarehe 2 Novemba Mike aliandika<br><br>Habari Sam, ungependa kuzungumza?"

MARKS = {
    "Gmail": f'{BEFORE}<div class="gmail_quote gmail_quote_container">{AFTER}</div>',
    "Gmail with a citation": f'{BEFORE}<div class="gmail_quote">{AFTER}<blockquote class="gmail_quote"></blockquote></div><br>',
    "Thunderbird": f'{BEFORE}<div class="moz-cite-prefix">Jumatatu tarehe 2 Novemba Mike aliandika</div>'
    '<blockquote type="cite">Habari Sam, ungependa kuzungumza?</blockquote>',
    "Yahoo": f'{BEFORE}<div id="yahoo_quoted_12" class="yahoo_quoted">{AFTER}</div>',
    "Proton": f'{BEFORE}<div class="protonmail_quote">{AFTER}</div>',
    "Outlook on the web": f'{BEFORE}<div id="appendonsend"></div><hr><div id="divRplyFwdMsg" dir="ltr">{AFTER}</div>',
    "Outlook on a desk": f"{BEFORE}<div style='border:none;border-top:solid #E1E1E1 1.0pt'><p>{AFTER}</p></div>",
    "Hotmail": f'{BEFORE}<hr id="stopSpelling">{AFTER}',
    "GMX": f'{BEFORE}<div name="quote" style="margin:10px">{AFTER}</div>',
    "box within the words": f'<div class="gmail_quote"><div>{WORDS}</div><div class="gmail_quote">{AFTER}</div></div>',
    "signature below": f'{BEFORE}<div class="gmail_quote">{AFTER}</div><div>-- <br>Sam</div>',
    "style sheet that names the mark": f"<style>.gmail_quote {{top: 0}}</style>{BEFORE}<div class=gmail_quote>{AFTER}</div>",
    "two marks on one tag": f'<div class="gmail_quote" type="cite">{BEFORE}<div class="gmail_quote">{AFTER}</div></div>',
    "unclosed box": f'{BEFORE}<div class="gmail_quote">{AFTER}',
}


@pytest.mark.parametrize("html", MARKS.values(), ids=MARKS)
def test_history_begins_at_the_mark(html: str) -> None:
    assert new_text(TEXT, html) == WORDS


def test_without_markup_the_same_text_is_whole() -> None:
    assert new_text(TEXT, "") == TEXT


UNSURE = {
    "words behind the box": f'{BEFORE}<div class="gmail_quote">{AFTER}</div><p>Ndiyo, kesho.</p>',
    "words behind the citation in the box": f'{BEFORE}<div class="gmail_quote"><blockquote>{AFTER}</blockquote>Ndiyo</div>',
    "nothing before the box": f'<div class="gmail_quote">{AFTER}</div>',
    "mark in the words": f"{BEFORE}<p>I saw gmail_quote there</p>{AFTER}",
    "mark that is no element": f"{BEFORE}<!div gmail_quote>{AFTER}",
    "empty mark": f'{BEFORE}{AFTER}<div id="divRplyFwdMsg"></div>',
    "words typed into the box": f'{BEFORE}<div class="gmail_quote">Jumatatu<br>Habari Sam, ungependa kuzungumza?</div>',
    "other words": f'{BEFORE}<div class="gmail_quote">2 Maneno mengine kabisa hapa ndani</div>',
    "plain page": f"{BEFORE}{AFTER}",
}


@pytest.mark.parametrize("html", UNSURE.values(), ids=UNSURE)
def test_unsure_markup_folds_nothing(html: str) -> None:
    assert new_text(TEXT, html) == TEXT


def test_answers_behind_an_unmarked_introduction_are_kept_where_the_markup_shows_them() -> None:
    text = "Hi\n\nOn 2 Nov 2026 Mike <info@example.org> wrote:\n\nHow are you?\n\nBetter."
    html = '<p>Hi</p><div class="gmail_quote">On 2 Nov 2026 Mike wrote:<blockquote>How are you?</blockquote>Better.</div>'
    assert new_text(text, html) == text


def test_unmarked_introduction_above_the_marked_quotation_is_folded_with_it() -> None:
    text = "Yes.\n\nOn 2 Nov 2026, at 11:00, Mike wrote:\n\nHello Sam, how are you today?"
    html = (
        "<p>Yes.</p><p>On 2 Nov 2026, at 11:00, Mike wrote:</p><blockquote type=cite>Hello Sam, how are you today?</blockquote>"
    )
    assert new_text(text, html) == "Yes."


def test_of_two_like_beginnings_the_one_at_the_mark_counts() -> None:
    text = "Hello Mike, thank you.\n\nHello Mike, thank you.\n\nBye 2"
    html = "<p>Hello Mike, thank you.</p><div class=gmail_quote><p>Hello Mike, thank you.</p>Bye 2</div>"
    assert new_text(text, html) == "Hello Mike, thank you."


def test_lines_that_the_writer_indented_are_kept() -> None:
    text = "This is what I sang\n\n> la la la"
    assert new_text(text, "<p>This is what I sang</p><blockquote>la la la</blockquote>") == text
    assert new_text(text, "<p>This is what I sang</p><blockquote type=cite>la la la</blockquote>") == "This is what I sang"


def test_indented_lines_that_say_who_wrote_them_are_history() -> None:
    text = "Yes.\n\n> On 2 Nov 2026 Mike wrote:\n> Hello Sam"
    assert new_text(text, "<p>Yes.</p><blockquote>On 2 Nov 2026 Mike wrote:<br>Hello Sam</blockquote>") == "Yes."


def test_header_line_above_the_marked_history_is_folded_with_it() -> None:
    text = "Yes.\n\nFrom: Mike <info@example.org>\n\nDate: 2 November 2026\nSubject: Your message\n\nHello Sam"
    html = "<p>Yes.</p><p>From: Mike</p><div class=gmail_quote>Date: 2 November 2026<br>Subject: Your message<p>Hello Sam</div>"
    assert new_text(text, html) == "Yes."
