"""The email helpdesk of Exit Hate Trust."""
