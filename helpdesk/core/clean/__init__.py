"""Files without what they say of whoever made them: where a photo was taken and on what, who wrote a document.

Each module knows one family of formats; `file` finds out which it is. Nothing is decoded but what is looked for.
"""

from helpdesk.core.clean.file import Cleaned, clean_file

__all__ = ["Cleaned", "clean_file"]
