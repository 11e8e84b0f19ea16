"""A serving process does not look through all it holds while it is busy, and still frees what is left of failures."""

import subprocess
import sys

SETTLED = """
import gc
from collections import Counter
from chassis import garbage

garbage.settle()
looks = Counter()
gc.callbacks.append(lambda phase, told: phase == "stop" and looks.update([told["generation"]]))


class Held:
    pass


"""


def told_by(work: str) -> list[int]:
    """What a process of its own prints: nothing of this one is frozen."""
    done = subprocess.run(
        [sys.executable, "-c", SETTLED + work], capture_output=True, text=True, check=True, timeout=60
    )
    return list(map(int, done.stdout.split()))


def test_two_hundred_chats_are_taken_up_without_a_look_at_everything():
    # 800 objects each.
    first, second, whole = told_by("held = [Held() for _ in range(160_000)]\nprint(looks[0], looks[1], looks[2])")

    assert first > 0
    assert second > 0
    assert whole == 0


def test_cycles_are_freed_also_those_that_lived_long():
    work = """
import weakref

def cycle():
    one = Held()
    one.itself = one
    return one

left = [cycle() for _ in range(2_000)]
aged = [Held() for _ in range(20_000)]
watched = [weakref.ref(each) for each in left]
left.clear()
more = [Held() for _ in range(400_000)]
print(sum(each() is not None for each in watched), looks[2])
"""
    alive, whole = told_by(work)

    assert alive == 0
    assert whole == 1
