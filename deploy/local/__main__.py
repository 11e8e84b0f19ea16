"""`python -m deploy.local up|down|status|logs|reset|run`: the whole system on one machine."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this one line is what an older Python is to print
    sys.exit("Tandem needs Python 3.11 or newer, this is %d.%d." % sys.version_info[:2])  # noqa: UP031

from deploy.local.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
