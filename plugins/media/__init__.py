"""Upload pictures and files, and show pictures in fitting sizes; hooks are where their work is."""

from .services import attachment_here, export_attachments, export_files  # noqa: F401 - hooks
from .views import admin_pages, body_rendered, routes, slot_post_form  # noqa: F401 - hooks
