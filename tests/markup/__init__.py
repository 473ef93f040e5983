"""The markup: parsing, salvage, streams, writing, limits."""
