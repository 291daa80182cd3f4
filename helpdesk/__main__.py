"""`python -m helpdesk` is the command `helpdesk`."""

from __future__ import annotations

from helpdesk.cli import main

if __name__ == "__main__":
    main()
