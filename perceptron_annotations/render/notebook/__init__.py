"""What values show at the end of a cell of a notebook: a card in HTML, without scripts and without anything to load.

Each module makes the card of one value; ``cards`` has what they share. The methods ``_repr_html_`` of the values call
them, and nobody else needs to.
"""
