"""Take an export from a browser."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired

from blog import lazy_gettext as _


class ImportForm(FlaskForm):  # type: ignore[misc]
    """Hold the file."""

    file = FileField(
        _("File of the export"),
        validators=[FileRequired(_("Choose the .xml file that WordPress exported."))],
    )
