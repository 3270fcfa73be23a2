"""What every work is given."""
import contextlib
import sys
from dataclasses import dataclass, field
from pathlib import Path

from .lumenfold import Lumenfold
from .peer import Peer
from .skip import Skip


@dataclass
class Context:
    lumenfold: Lumenfold
    scratch: Path
    rounds: int
    threads: int
    quick: bool
    read_speed: Path
    versions: dict = field(default_factory=dict)
    skipped: list = field(default_factory=list)
    notes: list = field(default_factory=list)

    def skip(self, what, reason):
        reason = " ".join(str(reason).split())
        self.skipped.append(f"{what}: {reason}")
        print(f"skipped {what}: {reason}", file=sys.stderr, flush=True)

    def say(self, text):
        print(text, file=sys.stderr, flush=True)

    @contextlib.contextmanager
    def peers(self, work, scripts):
        """Those of the peers {name: (script, arguments…)} that are there, prepared one after the other."""
        with contextlib.ExitStack() as stack:
            ready = {}
            for name, (script, *arguments) in scripts.items():
                self.say(f"{work}: preparing {name}")
                try:
                    peer = stack.enter_context(Peer(script, arguments, self.threads, self.scratch))
                except Skip as reason:
                    self.skip(f"{work}, {name}", reason)
                    continue
                self.versions.update(peer.versions)
                ready[name] = peer
            yield ready
