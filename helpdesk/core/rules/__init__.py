"""The ordered table of named rules that tell what a mail is; `table.RULES` is the only door."""
