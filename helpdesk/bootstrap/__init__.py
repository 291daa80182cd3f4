"""The composition root: the commands, the demo and the tests get everything from here.

It decides nothing.
"""

from helpdesk.bootstrap.application import Application
from helpdesk.bootstrap.check import check_configuration
from helpdesk.bootstrap.connect import open_application, upgrade_database
from helpdesk.bootstrap.desk import build_desk, build_explainer, build_templates

__all__ = [
    "Application",
    "build_desk",
    "build_explainer",
    "build_templates",
    "check_configuration",
    "open_application",
    "upgrade_database",
]
