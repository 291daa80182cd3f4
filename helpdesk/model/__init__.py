"""Values: frozen dataclasses and enums that every other package speaks in. Nothing here decides or acts."""
