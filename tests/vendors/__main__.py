"""Serves both stand-ins until it is interrupted: `make vendors`, or `python -m tests.vendors [PORT PORT]`."""

import asyncio
import signal
import sys

from tests.vendors.scenarios import SCENARIOS
from tests.vendors.server import KEY, StandIns

PORTS = (8901, 8902)


async def serve(anthropic_port: int, gemini_port: int) -> None:
    """Tells what to set, and serves."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with StandIns.serving(anthropic_port=anthropic_port, gemini_port=gemini_port) as served:
        print("Stand-ins of the vendors. Start the system with these, in the environment or in .env:\n")
        print(f"  ANTHROPIC_API_KEY={KEY} ANTHROPIC_BASE_URL={served.anthropic_url} ANTHROPIC_MODEL=stub-ok")
        print("  COACH_ANTHROPIC_FAST_MODEL=stub-ok")
        print(f"  GEMINI_API_KEY={KEY} GEMINI_BASE_URL={served.gemini_url} GEMINI_MODEL=stub-ok\n")
        print("The model's name says what happens; -50ms at its end delays the first byte:\n")
        for name, seen in SCENARIOS.items():
            print(f"  stub-{name:<14}{seen}")
        await stop.wait()
    print("\nStopped.")


if __name__ == "__main__":
    asyncio.run(serve(*(map(int, sys.argv[1:3]) if len(sys.argv) > 2 else PORTS)))
