"""Answers as a page to look through: one HTML file, or a folder, that opens without a server or a network.

The names that users need are those of ``render``; the modules here are not public.
"""
