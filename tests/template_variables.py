"""The variables that a template needs from outside: its own, and those of what it includes, imports and extends."""

from dataclasses import dataclass

import jinja2
from jinja2 import meta, nodes

JINJA_NAMES = frozenset({"self", "caller"})
"""Defined by Jinja itself within templates and macros."""


@dataclass(frozen=True)
class TemplateVariables:
    """Reads the templates of an environment without rendering them."""

    environment: jinja2.Environment

    def required(self, template, scope=frozenset()):
        """Return (file, variable) for each variable that neither the environment nor `scope` nor its own file has."""
        tree = self._parse(template)
        known = scope | _defined_at_top(tree)
        undeclared = meta.find_undeclared_variables(tree) - known - JINJA_NAMES - set(self.environment.globals)
        found = {(template, name) for name in undeclared}
        for other, passed in _references(tree, known):
            found |= self.required(other, passed)
        return found

    def files(self, template):
        """Return the template and every file that it refers to, directly or not."""
        found = {template}
        for other, _ in _references(self._parse(template), frozenset()):
            found |= self.files(other)
        return found

    def unused_imports(self, template):
        """Return the names that a file imports and does not use itself."""
        tree = self._parse(template)
        used = {node.name for node in tree.find_all(nodes.Name) if node.ctx == "load"}
        return frozenset().union(*map(_imported, tree.find_all((nodes.Import, nodes.FromImport)))) - used

    def _parse(self, template):
        return self.environment.parse(self.environment.loader.get_source(self.environment, template)[0])


def _references(node, scope):
    """Yield each template that a tree refers to, with the names of this file that it can use."""
    if isinstance(node, (nodes.Import, nodes.FromImport)):
        yield node.template.value, scope if node.with_context else frozenset()
    elif isinstance(node, (nodes.Include, nodes.Extends)):
        yield node.template.value, scope
    inner = scope | _defined_by(node)
    for child in node.iter_child_nodes():
        yield from _references(child, inner)


def _defined_by(node):
    """Return the names that a node defines for the nodes within it."""
    match node:
        case nodes.For():
            return _assigned(node.target) | {"loop"}
        case nodes.With():
            return frozenset().union(*map(_assigned, node.targets))
        case nodes.Macro() | nodes.CallBlock():
            return frozenset().union(*map(_assigned, node.args))
    return _defined_at_top(node)


def _defined_at_top(node):
    """Return the names that a file, or the body of a node, sets, imports or defines."""
    names = set()
    for child in getattr(node, "body", ()):
        match child:
            case nodes.FromImport() | nodes.Import():
                names |= _imported(child)
            case nodes.Macro():
                names.add(child.name)
            case nodes.Assign() | nodes.AssignBlock():
                names |= _assigned(child.target)
    return frozenset(names)


def _imported(node):
    if isinstance(node, nodes.Import):
        return frozenset({node.target})
    return frozenset(name if isinstance(name, str) else name[1] for name in node.names)


def _assigned(target):
    names = [target, *target.find_all(nodes.Name)]
    return frozenset(node.name for node in names if isinstance(node, nodes.Name))
