"""Import contract: code outside a module imports its doors only.

``doors`` are open to everybody outside; ``early_doors`` only to files named in ``early_importers`` (``models``, …).
Tests beside the code count as their module's own; the top ``config`` may wire a module's parts together by name.
"""

from __future__ import annotations

from collections.abc import Iterator

import grimp
from importlinter import Contract, ContractCheck, fields, output
from importlinter.domain import helpers


class DoorContract(Contract):
    type_name = "door"
    modules = fields.ListField(subfield=fields.ModuleExpressionField())
    doors = fields.ListField(subfield=fields.StringField())
    early_doors = fields.ListField(subfield=fields.StringField(), required=False)
    early_importers = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        broken = [
            f"{importer} -> {imported}"
            for expression in self.modules  # type: ignore[attr-defined]
            for module in helpers.module_expression_to_modules(graph, expression, as_packages=False)
            for importer, imported in self._breaches(graph, module.name)
        ]
        return ContractCheck(kept=not broken, metadata={"broken": sorted(broken)})

    def _breaches(self, graph: grimp.ImportGraph, module: str) -> Iterator[tuple[str, str]]:
        inside = {module} | graph.find_descendants(module)
        for imported in inside:
            part = imported.removeprefix(module).lstrip(".")
            for importer in graph.find_modules_that_directly_import(imported) - inside:
                if not self._is_allowed(part, importer):
                    yield importer, imported

    def _is_allowed(self, part: str, importer: str) -> bool:
        if part in self.doors:  # type: ignore[attr-defined]
            return True
        is_early = any(f".{name}" in importer for name in self.early_importers or ())  # type: ignore[attr-defined]
        return is_early and any(part == door or part.startswith(door + ".") for door in self.early_doors or ())  # type: ignore[attr-defined]

    def render_broken_contract(self, check: ContractCheck) -> None:
        for line in check.metadata["broken"]:
            output.print(f"  {line}")
