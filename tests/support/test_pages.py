"""The inspector is itself inspected: each fault it knows is found, and a good page has none."""

import pytest

from tests.support.pages import faults_of

GOOD = """<!doctype html>
<html lang="sv">
<head><meta charset="utf-8"><title>Skolor</title><link rel="stylesheet" href="/a.css"></head>
<body>
<main>
<h1>Skolor</h1>
<p>En mening. <a href="/x">Hultsfred</a></p>
<form action="/spara" method="post">
<input type="hidden" name="csrf_token" value="t">
<label for="name">Namn</label><input id="name" name="name" aria-describedby="hint">
<p id="hint">Som det står i registret.</p>
<label>Ort <select name="town"><option>Hultsfred</option></select></label>
<button>Spara</button>
</form>
<svg viewBox="0 0 1 1" role="img"><title>Ett hjul</title></svg>
</main>
<script src="/a.js"></script>
</body>
</html>"""


def test_a_good_page_has_no_faults() -> None:
    assert faults_of(GOOD) == []


@pytest.mark.parametrize(
    ("good", "bad", "fault"),
    [
        ('<html lang="sv">', "<html>", "lang"),
        ("<title>Skolor</title>", "", "<title>"),
        ("<title>Skolor</title>", "<title> </title>", "<title> is empty"),
        ("<h1>Skolor</h1>", "", "0 <h1>"),
        ("<h1>Skolor</h1>", "<h1>A</h1><h1>B</h1>", "2 <h1>"),
        ("<main>", "<main><main></main>", "2 <main>"),
        ('<p id="hint">', '<p id="name">', "2 times"),
        ('<p id="hint">', "<p>", "points at no 'hint'"),
        ('<label for="name">Namn</label>', "Namn", "has no label"),
        ('<label for="name">Namn</label>', '<label for="name"></label>', "has no label"),
        ("<label>Ort <select", "<label> <select", "has no label"),
        ("Hultsfred</a>", "</a>", "has no name"),
        ('action="/spara" ', "", "no action"),
        (' method="post"', "", "has method"),
        ('<input type="hidden" name="csrf_token" value="t">', "", "CSRF"),
        ("<p>En", '<p style="color:red">En', "style attribute"),
        ("<p>En", '<p onclick="go()">En', "has onclick"),
        ("</head>", "<style>p{}</style></head>", "<style>"),
        ('<script src="/a.js">', "<script>go()", "inline <script>"),
        ("En mening.", "{{ name }}", "raw '{{'"),
        ("En mening.", "%(name)s", "raw '%('"),
        ("En mening.", "Role.ADMIN", "raw enum value Role"),
        ("En mening.", "&lt;crm.x object at 0x1&gt;", "raw object"),
        ("Hultsfred</a>", "None</a>", "says None"),
        ("</p>\n<form", "</i></p>\n<form", "HTML:"),
    ],
)
def test_each_fault_is_found(good: str, bad: str, fault: str) -> None:
    from crm.rules.access import Role

    assert Role.ADMIN
    page = GOOD.replace(good, bad, 1)
    assert page != GOOD
    assert any(fault in found for found in faults_of(page)), faults_of(page)
