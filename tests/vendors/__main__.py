"""Serves both stand-ins until it is interrupted: `make vendors`, or `python -m tests.vendors [PORT PORT]`."""

import asyncio
import sys

from tests.vendors.scenarios import SCENARIOS
from tests.vendors.server import KEY, StandIns

PORTS = (8901, 8902)


async def serve(anthropic_port: int, gemini_port: int) -> None:
    """Tells what to set, and serves."""
    async with StandIns.serving(anthropic_port=anthropic_port, gemini_port=gemini_port) as served:
        print("Stand-ins of the vendors. Start the system with these, in the environment or in .env:\n")
        print(f"  ANTHROPIC_API_KEY={KEY} ANTHROPIC_BASE_URL={served.anthropic_url} ANTHROPIC_MODEL=stub-ok")
        print(f"  GEMINI_API_KEY={KEY} GEMINI_BASE_URL={served.gemini_url} GEMINI_MODEL=stub-ok\n")
        print("The model's name says what happens; -50ms at its end delays the first byte:\n")
        for name, seen in SCENARIOS.items():
            print(f"  stub-{name:<14}{seen}")
        await asyncio.Event().wait()


if __name__ == "__main__":
    try:
        asyncio.run(serve(*(map(int, sys.argv[1:3]) if len(sys.argv) > 2 else PORTS)))
    except KeyboardInterrupt:
        print("\nStopped.")
