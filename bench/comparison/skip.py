class Skip(Exception):
    """A peer or a work that cannot be had here: named in the result, not fatal."""
