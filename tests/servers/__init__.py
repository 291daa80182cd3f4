"""Mail servers of the tests' own, on free ports of loopback: each is ended by whoever started it."""
