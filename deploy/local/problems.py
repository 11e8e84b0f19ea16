"""What can go wrong on a machine, told in one line that says what to do."""

import errno


class LocalProblem(Exception):
    """The system cannot do this here and now. The message is one line for the person at the keyboard."""


def describe(failure: OSError) -> str:
    """The system's words for a failure, with advice where the cause is common."""
    if failure.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full; free some space and try again"
    if failure.errno in (errno.ENOTDIR, errno.EEXIST):
        return "a part of the path is a file"
    if failure.errno == errno.EROFS:
        return "the file system is read-only"
    return (failure.strerror or type(failure).__name__).lower()
