"""What a template may be built of: an allow-list on the parsed tree, gone through before anything is compiled.

Jinja2 works out constant expressions as it compiles, so that `{{ 9 ** 9 ** 9 }}` would already hang there: only parsing
is safe. A thread can't be interrupted either, so what could run long is not let in at all. Compiles and renders nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from jinja2 import nodes

from helpdesk.errors import Problem
from helpdesk.mail.template_values import LIST, Field, Shape

FILTERS = ("capitalize", "length", "lower", "trim", "upper")
_LOOP_FIELDS = ("first", "last", "index")

Fields = Mapping[str, Mapping[str, Field]]

# Nodes that may stand anywhere; everything that carries a name, a value or a body has a method of its own.
_PLAIN = (nodes.Output, nodes.If, nodes.CondExpr, nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Operand)
_COMPARISONS = frozenset({"eq", "ne"})

_INSTEAD: Mapping[type[nodes.Node], tuple[str, str]] = {
    nodes.Macro: ("A macro can't be used.", "Put the words into a piece, a file such as _help.md, and include it."),
    nodes.Import: ("An import can't be used.", 'Use {% include "_help" %}, which takes in the file _help.md.'),
    nodes.FromImport: ("An import can't be used.", 'Use {% include "_help" %}, which takes in the file _help.md.'),
    nodes.Extends: ("“extends” can't be used.", 'Use {% include "_help" %}, which takes in the file _help.md.'),
    nodes.Block: ("A block can't be used.", 'Use {% include "_help" %}, which takes in the file _help.md.'),
    nodes.Assign: ("“set” can't be used.", "Write the words where they belong."),
    nodes.AssignBlock: ("“set” can't be used.", "Write the words where they belong."),
    nodes.Call: ("A call with () can't be used.", "Values are shown by their name: {{ office.hours }}."),
    nodes.Getitem: ("[ ] can't be used.", "Write a dot: office.hours."),
    nodes.Concat: (
        "~ can't be used.",
        "Write the values one after the other: {{ office.opens_day }}, {{ office.opens_time }}.",
    ),
    nodes.Test: ("“is” can't be used.", "Ask for the value itself: {% if requester.name %}."),
}
_NO_SUMS = ("Sums can't be used in a template.", "Write the result.")
_NOT_KNOWN = ("This can't be used in a template.", "README.md in this directory says what can.")


@dataclass(slots=True)
class _Walk:
    """One pass over one tree; `loop` is the loop's own word for an entry while inside a `for`."""

    path: str
    fields: Fields
    pieces: frozenset[str]
    problems: list[Problem] = field(default_factory=list)
    loop: str = ""

    def refuse(self, node: nodes.Node | None, what: str, remedy: str) -> None:
        self.problems.append(Problem(f"{self.path}, line {line_of(node)}", what, remedy))

    def visit(self, node: nodes.Node) -> None:
        match node:
            case nodes.TemplateData():
                return
            case nodes.Const():
                self._constant(node)
            case nodes.Name():
                self._name(node)
            case nodes.Getattr():
                self._attribute(node)
            case nodes.Filter():
                self._filter(node)
            case nodes.For():
                self._for(node)
            case nodes.Include():
                self._include(node)
            case nodes.Operand() if node.op not in _COMPARISONS:
                self.refuse(node, "Only == and != can compare.", 'Write {% if ticket.priority == "urgent" %}.')
            case nodes.BinExpr() | nodes.UnaryExpr() if not isinstance(node, _PLAIN):
                self.refuse(node, *_INSTEAD.get(type(node), _NO_SUMS))
            case _ if isinstance(node, _PLAIN):
                self._children(node)
            case _:
                self.refuse(node, *_INSTEAD.get(type(node), _NOT_KNOWN))

    def _children(self, node: nodes.Node) -> None:
        if isinstance(node, nodes.Output):
            for shown in node.nodes:
                self._shown(shown)
        for child in node.iter_child_nodes():
            self.visit(child)

    def _shown(self, node: nodes.Node | None) -> None:
        """What is put out has to be words: a flag would read "True", a list like a list of Python's."""
        if isinstance(node, nodes.CondExpr):
            self._shown(node.expr1)
            self._shown(node.expr2)
            return
        if isinstance(node, nodes.Filter) and node.name != "length":
            self._shown(node.node)
            return
        known = self._field(node)
        if known is not None and known.shape is Shape.FLAG:
            self.refuse(
                node, f"“{known.full_name}” is only true or false.", f"Write {{% if {known.full_name} %}} … {{% endif %}}."
            )
        elif isinstance(node, nodes.Name) and node.name == LIST:
            self.refuse(node, f"“{LIST}” is a list.", f"Go through it with {{% for signpost in {LIST} %}}.")
        elif isinstance(node, nodes.Compare | nodes.And | nodes.Or | nodes.Not):
            self.refuse(node, "A comparison has no words to show.", "Use it in {% if … %}.")

    def _field(self, node: nodes.Node | None) -> Field | None:
        if not (isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name)):
            return None
        group = LIST if node.node.name == self.loop and self.loop else node.node.name
        return self.fields.get(group, {}).get(node.attr)

    def _constant(self, node: nodes.Const) -> None:
        if not isinstance(node.value, str | bool | int | None):
            self.refuse(node, *_NOT_KNOWN)

    def _name(self, node: nodes.Name) -> None:
        # The list alone may be asked for ("if signposts"); every other group needs its field.
        if node.ctx == "load" and node.name == LIST and LIST in self.fields:
            return
        if node.name in self.fields:
            first = next(iter(self.fields[node.name]))
            self.refuse(node, f"“{node.name}” is a group of values.", f"Name one of them: {node.name}.{first}.")
            return
        self._unknown(node, node.name)

    def _attribute(self, node: nodes.Getattr) -> None:
        if not isinstance(node.node, nodes.Name):
            self.refuse(node, "A value is a group, a dot and a name.", "For example {{ office.hours }}.")
            self.visit(node.node)
            return
        group = node.node.name
        if self.loop and group == "loop":
            if node.attr not in _LOOP_FIELDS:
                self.refuse(node, f"“loop.{node.attr}” is not known.", f"There are {_listed('loop', _LOOP_FIELDS)}.")
            return
        if self._field(node) is not None and (group != LIST or self.loop == LIST):
            return
        if group == LIST:
            self.refuse(node, f"“{LIST}” is a list.", f"Go through it with {{% for signpost in {LIST} %}}.")
            return
        self._unknown(node, f"{group}.{node.attr}")

    def _unknown(self, node: nodes.Node, name: str) -> None:
        names = [known.full_name for fields in self.fields.values() for known in fields.values() if known.group != LIST]
        if self.loop:
            names += [f"{self.loop}.{each}" for each in self.fields[LIST]]
        near = get_close_matches(name, names, 1, 0.5)
        hint = f"Did you mean “{near[0]}”?" if near else "README.md in this directory lists the values."
        self.refuse(node, f"This template knows no “{name}”.", hint)

    def _filter(self, node: nodes.Filter) -> None:
        if node.name not in FILTERS:
            self.refuse(node, f"The filter “{node.name}” can't be used.", f"There are {', '.join(FILTERS)}.")
        elif node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
            self.refuse(node, f"The filter “{node.name}” takes nothing in ( ).", f"Write |{node.name}.")
        if node.node is not None:
            self.visit(node.node)

    def _for(self, node: nodes.For) -> None:
        if self.loop:
            self.refuse(node, "A loop can't stand in a loop.", "End the first one with {% endfor %} before.")
        elif not (isinstance(node.iter, nodes.Name) and node.iter.name == LIST and LIST in self.fields):
            self.refuse(node, f"A loop can only go through {LIST}.", f"Write {{% for signpost in {LIST} %}}.")
        elif not isinstance(node.target, nodes.Name) or node.target.name in (*self.fields, "loop"):
            self.refuse(node, "A loop needs a word of its own for one entry.", f"Write {{% for signpost in {LIST} %}}.")
        elif node.recursive or node.test is not None or node.else_:
            self.refuse(node, "A loop can't have “if”, “else” or “recursive”.", "Put an {% if %} around it.")
        else:
            self.loop = node.target.name
            for child in node.body:
                self.visit(child)
            self.loop = ""

    def _include(self, node: nodes.Include) -> None:
        name = included_name(node)
        if self.loop:
            self.refuse(node, "A piece can't be included in a loop.", "Include it after {% endfor %}.")
        elif name is None:
            self.refuse(node, "What is included has to be named in full.", 'Write {% include "_signature" %}.')
        elif self.path.rpartition("/")[2].startswith("_"):
            self.refuse(node, "A piece can't include another piece.", "Include both in the template itself.")
        elif name not in self.pieces:
            near = get_close_matches(name, self.pieces, 1, 0.4)
            hint = f"Did you mean “{near[0]}”?" if near else "A piece is a file in this directory whose name begins with _."
            self.refuse(node, f"There is no piece “{name}”.", hint)
        elif not node.with_context or node.ignore_missing:
            self.refuse(node, "An include takes no further words.", f'Write {{% include "{name}" %}}.')


def check_tree(tree: nodes.Template, path: str, fields: Fields, pieces: frozenset[str]) -> tuple[Problem, ...]:
    """Everything in the tree that is not on the allow-list, each with its line; compiled may be what has no problem."""
    walk = _Walk(path, fields, pieces)
    for child in tree.body:
        walk.visit(child)
    return tuple(walk.problems)


def line_of(node: nodes.Node | None) -> int:
    """The line that a node stands on. Jinja gives none to what it makes up itself; then that of the first thing in it."""
    if node is None:
        return 1
    return node.lineno or next((child.lineno for child in node.find_all(nodes.Node) if child.lineno), 1)


def included_name(node: nodes.Include) -> str | None:
    """The name that an include gives in plain words, without .md; None where it is worked out or a list."""
    if not (isinstance(node.template, nodes.Const) and isinstance(node.template.value, str)):
        return None
    return node.template.value.removesuffix(".md")


def included_pieces(tree: nodes.Template) -> tuple[str, ...]:
    """The pieces that a template takes in, each once, in order."""
    return tuple(dict.fromkeys(name for node in tree.find_all(nodes.Include) if (name := included_name(node))))


def written_words(tree: nodes.Template) -> Iterator[tuple[int, str]]:
    """The words that stand in the template itself, whatever the situation, each stretch with the line it begins on."""
    for data in tree.find_all(nodes.TemplateData):
        yield data.lineno, data.data
    for constant in tree.find_all(nodes.Const):
        if isinstance(constant.value, str):
            yield constant.lineno, constant.value


def _listed(group: str, names: tuple[str, ...]) -> str:
    return ", ".join(f"{group}.{name}" for name in names)
