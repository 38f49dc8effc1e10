"""Say in the site's language what is wrong with a file."""

from __future__ import annotations

from blog import lazy_gettext as _

from .broken import Problem

PROBLEMS = {
    Problem.EMPTY: _("The file is empty: export it again."),
    Problem.ARCHIVE: _(
        "The file is a compressed archive: unpack it and import the .xml file inside."
    ),
    Problem.BINARY: _("The file is not text: choose the .xml file that WordPress exported."),
    Problem.NOT_XML: _("The file is not XML: choose the .xml file that WordPress exported."),
    Problem.HTML: _("The file is a web page: choose the .xml file that WordPress exported."),
    Problem.NOT_WXR: _("The file is not a WordPress export: choose one made under Tools, Export."),
    Problem.ENCODING: _("The file is not in the encoding that it declares: export it again."),
    Problem.ENTITIES: _(
        "The file declares its own entities or document type, as no WordPress export does."
    ),
    Problem.DEEP: _("The file nests its elements deeper than any WordPress export."),
    Problem.CUT: _("The file ends before the export does: export it again."),
    Problem.MALFORMED: _(
        "The file is not well-formed XML: mend it at this place or export it again."
    ),
}
PLACE = _("Line %(line)s, column %(column)s.")


def sentence(problem: str, line: int = 0, column: int = 0) -> str:
    """Name the problem and the next step, and the place where there is one."""
    told = str(PROBLEMS[Problem(problem)])
    return f"{told} {str(PLACE) % {'line': line, 'column': column}}" if line else told
