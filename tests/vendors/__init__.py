"""Stand-ins of the vendors' APIs, for tests and for people who want to try the coach with a model and without a key.

They speak the wire of Anthropic's Messages and of Gemini's v1, plain HTTP on loopback, and insist on what the vendors
insist on. The model's name chooses what happens (`scenarios.py`). `python -m tests.vendors` serves both.
"""

from tests.vendors.http import Recorded
from tests.vendors.server import KEY, StandIns

__all__ = ["KEY", "Recorded", "StandIns"]
