"""The file formats of datasets; a format is one file or one folder here."""
