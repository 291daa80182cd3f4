"""Reads `.env`, the environment and `config/*.toml` once, checks all of it, and hands on frozen values.

The only package that knows python-dotenv and pydantic-settings; nothing runs when it is imported.
"""

from helpdesk.settings.load import load_desk_settings, load_settings, load_what_is_sound
from helpdesk.settings.values import DeskSettings, Settings

__all__ = ["DeskSettings", "Settings", "load_desk_settings", "load_settings", "load_what_is_sound"]
