"""What real mail programs write when somebody answers a mail with them: one builder each."""
