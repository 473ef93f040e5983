"""Pictures of values, and text forms of reports."""
