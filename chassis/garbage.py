"""When the collector of cyclic garbage looks, and at what: while it does, nobody is served."""

import gc
from typing import Final

# New objects until the first look at them; looks until the second; second ones until all of it is looked through.
# What outlived two looks is in use or is left of a call that failed, and is worth a tenth of a second only seldom.
# Source: ADR-0158.
GENERATIONS: Final = (700, 2, 100)


def settle() -> None:
    """Takes what is there, once serving begins, out of every later look, and sets how often there is one.

    Modules and models of libraries are a million objects that never go; looking through them again and again stops
    everybody for tens of milliseconds.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GENERATIONS)
