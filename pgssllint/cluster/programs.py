"""Whether what a command calls can be run on the server, as far as a deployed cluster shows."""

import os

from pgssllint.deployment import Deployment
from pgssllint.ways import Reason

_FOLDERS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")


def is_here(deployment: Deployment, program: str) -> bool | None:
    """Whether a program that a command names can be run; None where that cannot be seen."""
    if not deployment.deployed:
        return None
    files = deployment.files
    if program.startswith("/"):
        facts = files.look(files.local(program))
        if facts.reason is Reason.ABSENT:
            return False
        return True if facts.kind == "file" and (facts.mode or 0) & 0o111 == 0o111 else None
    if "/" in program:
        return None
    here = (files.look(files.local(os.path.join(folder, program))) for folder in _FOLDERS)
    return True if any(facts.kind == "file" and (facts.mode or 0) & 0o001 for facts in here) else None
