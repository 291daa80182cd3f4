"""HTML to text: what its reader sees, and nothing that its reader doesn't."""

from __future__ import annotations

import pytest

from helpdesk.core.parse.html import html_to_text

LAYOUT = [
    ("inline words", "a <b>b</b>c\n  d", "a bc d"),
    ("line break", "a<br>b<br/><br>c", "a\nb\n\nc"),
    ("breaks at the start", "<br><br>a", "a"),
    ("paragraphs", "<p>a</p><p>b</p>", "a\n\nb"),
    ("blocks", "<div>a</div><div><div>b</div></div>", "a\nb"),
    ("empty divisions", "<div>a</div><div>&nbsp;</div><div>&nbsp; </div><div>b</div><div>&nbsp;c</div>", "a\n\nb\nc"),
    (
        "paragraphs of Word without a gap",
        "<style>p.MsoNormal, li.MsoNormal\n\t{margin:0cm;\n\tmargin-bottom:.0001pt;}</style><p class=MsoNormal>a</p>\n"
        "<p class=MsoNormal>b<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>c</p><p>d</p>e",
        "a\nb\n\nc\n\nd\n\ne",
    ),
    (
        "paragraphs of Word with a gap",
        "<style>p.MsoNormal\n\t{margin:0cm;margin-bottom:8.0pt;}</style><p class=MsoNormal>a</p><p class=MsoNormal>b</p>",
        "a\n\nb",
    ),
    ("empty paragraphs", "<p>a</p><p>&nbsp;</p><p> </p><p>b</p>", "a\n\nb"),
    ("list", "x<ul><li>a</li><li>b</li></ul>y", "x\n\n- a\n- b\n\ny"),
    ("numbered list", "<ol><li>a<li>b</ol>", "1. a\n2. b"),
    ("list in a list", "<ul><li>a<ol><li>b</li></ol></li><li>c</li></ul>", "- a\n  1. b\n- c"),
    ("paragraph in an item", "<ul><li><p>a</p></li></ul>", "- a"),
    ("item without a list", "<li>a</li>", "- a"),
    ("end of no list", "</ul>a", "a"),
    ("table", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
    ("preformatted", "<pre>a\n  b\n\n\nc</pre>d", "a\n  b\n\nc\n\nd"),
    ("bold and preformatted", "<pre>a<b>b</b>\nc</pre>", "ab\nc"),
    ("preformatted in a line", "<pre>a</pre><pre>\nb\r\nc</pre>", "a\n\nb\nc"),
    ("quote", "a<blockquote>b<br>c</blockquote>d", "a\n\n> b\n> c\n\nd"),
    ("quote in a quote", "<blockquote type=cite>a<blockquote type=cite>b</blockquote></blockquote>", "> a\n\n> > b"),
    ("indent", '<blockquote style="margin: 0 0 0 40px; border: none; padding: 0px;">a</blockquote>', "a"),
    ("border of a quotation", '<blockquote type="cite" style="border:0">a</blockquote>', "> a"),
    ("end of no quote", "</blockquote>a", "a"),
    ("rule", "a<hr>b", "a\n________________________________\nb"),
    ("entities", "&lt;a&gt; &amp; caf&eacute; &#233; &#x1F600; &nosuch;", "<a> & café é 😀 &nosuch;"),
    ("number without end", "a&#" + "1" * 5_000 + ";b", "ab"),
    ("surrogate", "a&#xD800;b", "a\ufffdb"),
    ("soft hyphens and marks", "a\u00adb\u200bc\ufeff", "abc"),
    ("joiners stay", "می\u200cخواهم", "می\u200cخواهم"),
    ("smiley as a picture", 'Hi <img alt="😀" src="cid:1">', "Hi 😀"),
    ("picture", 'Hi <img alt="Our logo" src="https://t.example.com/p.gif" width=1 height=1><img>', "Hi"),
    ("nothing", "", ""),
]


@pytest.mark.parametrize(("page", "text"), [case[1:] for case in LAYOUT], ids=[case[0] for case in LAYOUT])
def test_layout(page: str, text: str) -> None:
    assert html_to_text(page) == text


LINKS = [
    ("words and address", '<a href="https://example.org/x">here</a>', "here <https://example.org/x>"),
    ("quotes", "<a href='https://example.org/x'>here</a>", "here <https://example.org/x>"),
    ("no quotes", "<a href=https://example.org/x>here</a>", "here <https://example.org/x>"),
    ("the address itself", '<a href="https://www.example.org/x/">example.org/x</a>', "example.org/x"),
    ("the address without its query", '<a href="https://example.org/x?id=1">example.org/x</a>', "example.org/x"),
    ("mail", '<a href="mailto:kim@example.org">Kim</a>', "Kim <mailto:kim@example.org>"),
    ("mail itself", '<a href="mailto:kim@example.org">kim@example.org</a>', "kim@example.org"),
    ("phone", '<a href="tel:+441632960000">call</a>', "call <tel:+441632960000>"),
    ("escaped", '<a href="https://example.org/?a=1&amp;b=2">x</a>', "x <https://example.org/?a=1&b=2>"),
    ("place on the page", '<a href="#top">up</a>', "up"),
    ("relative", '<a href="page.html">x</a>', "x"),
    ("script", '<a href="javascript:alert(1)">x</a>', "x"),
    ("no words", '<a href="https://example.org/"><img src=x></a>', ""),
    ("no address", "<a name=x>y</a>", "y"),
    (
        "not closed",
        '<a href="https://example.org/1">a <a href="https://example.org/2">b</a>',
        "a <https://example.org/1> b <https://example.org/2>",
    ),
    ("over two lines", '<a href="https://example.org/x">a<br>b</a>', "a\nb <https://example.org/x>"),
    ("very long", f'<a href="https://example.org/{"x" * 500}">a</a>', f"a <https://example.org/{'x' * 280}…>"),
    ("other attributes first", '<a class="x" title="a > b" href="https://example.org/">go</a>', "go <https://example.org/>"),
]


@pytest.mark.parametrize(("page", "text"), [case[1:] for case in LINKS], ids=[case[0] for case in LINKS])
def test_links(page: str, text: str) -> None:
    assert html_to_text(page) == text


HIDDEN = [
    ("display", '<div style="display:none">x</div>seen', "seen"),
    ("display, spaces", '<div style="display : NONE !important">x</div>seen', "seen"),
    ("visibility", '<span style="visibility:hidden">x</span>seen', "seen"),
    ("height", '<div style="max-height:0;overflow:hidden">x</div>seen', "seen"),
    ("height in pixels", '<div style="max-height:0px">x</div>seen', "seen"),
    ("height of something", '<div style="max-height:0.5em">seen</div>', "seen"),
    ("opacity", '<div style="opacity:0">x</div>seen', "seen"),
    ("half opacity", '<div style="opacity:0.5">seen</div>', "seen"),
    ("attribute", "<div hidden>x</div>seen", "seen"),
    ("overflow is not hiding", '<div style="overflow:hidden">seen</div>', "seen"),
    ("preheader class", '<span class="big preheader">x</span>seen', "seen"),
    ("font size", '<div style="font-size:0px">x</div>seen', "seen"),
    ("font size within", '<td style="font-size:0">x<div style="font-size:14px">seen</div>x</td>', "seen"),
    (
        "font size within, other style",
        '<td style="font-size:0"><b style="color:red">x</b><i style="font-size:.8em">seen</i></td>',
        "seen",
    ),
    ("inner size does not undo display", '<div style="display:none"><b style="font-size:14px">x</b></div>seen', "seen"),
    ("element in it", '<div style="display:none"><div>x</div>x</div>seen', "seen"),
    ("void element in it", '<div style="display:none"><br>x<img></br></div>seen', "seen"),
    ("breaks in it", 'a<div style="display:none"><br><br>x</div>b', "a\nb"),
    ("link in it", '<div style="display:none"><a href="https://example.org">x</a></div>seen', "seen"),
    ("end tag missing in it", '<div style="display:none"><b>x</div>seen', "seen"),
    ("end tag too many in it", '<div style="display:none"></b>x</div>seen', "seen"),
    ("its own end tag missing", '<div><span style="display:none">x</div>seen', "seen"),
    ("paragraph without end tag", '<p style="display:none">x<p>seen', "seen"),
    ("paragraph ended by a list", '<p style="display:none">x<ul><li>seen</ul>', "- seen"),
    ("cell without end tag", '<tr><td style="display:none">x<td>seen', "seen"),
    ("deep in it", f'<div style="display:none">{"<b>" * 200}x{"</b>" * 200}x</div>seen', "seen"),
    ("style sheet", "<style>p {color: red}</style>seen", "seen"),
    ("script", "<script>if (a < b) {}</script>seen", "seen"),
    ("title", "<html><head><title>x</title></head><body>seen", "seen"),
    ("style that never ends", "seen<style>x", "seen"),
    ("comment", "se<!-- x > -->en", "seen"),
    ("comment that never ends", "seen<!-- x", "seen"),
    ("conditional comment", "<!--[if mso]>x<![endif]-->seen", "seen"),
    ("revealed conditional", "<![if !mso]>seen<![endif]>", "seen"),
    ("declaration", "<!DOCTYPE html><?xml version='1'?>seen", "seen"),
    ("declaration that never ends", "seen<!DOCTYPE", "seen"),
    ("closed by nothing", "</ >seen", "seen"),
    ("empty vector image", "<svg/>seen", "seen"),
]


@pytest.mark.parametrize(("page", "text"), [case[1:] for case in HIDDEN], ids=[case[0] for case in HIDDEN])
def test_hidden_words_are_gone_and_seen_ones_stay(page: str, text: str) -> None:
    assert html_to_text(page) == text


BROKEN = [
    ("less than", "2 < 3 and <3", "2 < 3 and <3"),
    ("bracket at the end", "a <", "a <"),
    ("page ends in a tag", 'seen <a href="https://example.org', 'seen a href="https://example.org'),
    ("quote not closed", '<p class="x>seen</p>', "seen"),
    ("bracket in an attribute", '<p title="a > b">seen</p>', "seen"),
    ("equals without value", "<p class= >seen</p>", "seen"),
    ("unknown elements", "<o:p>seen</o:p><custom-tag>too</custom-tag>", "seentoo"),
    ("capitals", "<P>seen</P><BR>", "seen"),
]


@pytest.mark.parametrize(("page", "text"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_broken_html_loses_no_words(page: str, text: str) -> None:
    assert html_to_text(page) == text
