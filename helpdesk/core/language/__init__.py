"""The language that somebody writes in: `language_of` tells it from the script and the small words of a text."""

from helpdesk.core.language.detect import DEFAULT, language_of
from helpdesk.core.language.names import NAMES

__all__ = ["DEFAULT", "NAMES", "language_of"]
