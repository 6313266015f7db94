"""The one exception of bench/run that is not a bug."""


class CannotMeasure(Exception):
    """Something could not be measured; the text says why, in a sentence for the table."""
