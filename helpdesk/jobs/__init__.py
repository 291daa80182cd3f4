"""The shell: brings mail in, has it decided, sends what was decided. Knows servers and tables only as protocols."""
