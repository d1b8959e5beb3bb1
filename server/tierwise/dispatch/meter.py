"""Counts what streams in and tells whoever waits, now and then."""

from tierwise.dispatch.offers import display_name
from tierwise.dispatch.values import Progress, Report
from tierwise.routing.tiers import Candidate

_CHARS_BETWEEN_REPORTS = 48
_CHARS_PER_SHOWN_TOKEN = 3.5
_STREAMED_AT_MOST = 90
_CHECKING = 95


class Meter:
    """The progress of one call."""

    def __init__(self, candidate: Candidate, report: Report, expected_tokens: int, why: str = "") -> None:
        """`why` says why this candidate is asked."""
        self._why = why
        self._candidate = candidate
        self._report = report
        self._expected = max(1, expected_tokens)
        self._n_chars = 0
        self._told = 0
        self.n_bytes = 0
        """UTF-8 bytes of content so far, for the bill of a call that is cut."""

    def say(self, message: str, percentage: int | None = None) -> None:
        """Tell one sentence."""
        self._report(
            Progress(
                message=message,
                tier=self._candidate.tier,
                model=self._candidate.model,
                n_tokens=self._n_tokens,
                percentage=percentage,
                why=self._why,
            )
        )

    def asking(self, why: str) -> None:
        """Tell who is asked, and why when it was not the plan."""
        words = f"asking {display_name(self._candidate)}"
        self.say(f"{why}, {words}" if why else words, percentage=0)

    def queueing(self, n_before: int) -> None:
        """Tell how many calls the server takes first."""
        self.say(f"waiting for {display_name(self._candidate)}: {n_before} before you", percentage=0)

    def waiting(self, seconds: float) -> None:
        """Tell that the server is asked again."""
        when = f"in {seconds:.0f} s" if 1 <= seconds else "at once"
        self.say(f"{display_name(self._candidate)} gave no answer, asking again {when}", percentage=0)

    def checking(self) -> None:
        """Tell that the reply is complete."""
        self.say(f"checking the answer of {display_name(self._candidate)}", percentage=_CHECKING)

    def take(self, piece: str) -> None:
        """Count one piece of the reply."""
        self._n_chars += len(piece)
        self.n_bytes += len(piece.encode("utf-8", "surrogatepass"))
        if self._told + _CHARS_BETWEEN_REPORTS <= self._n_chars:
            self._told = self._n_chars
            percentage = min(_STREAMED_AT_MOST, 100 * self._n_tokens // self._expected)
            self.say(f"{display_name(self._candidate)}, {self._n_tokens} tokens so far", percentage)

    @property
    def _n_tokens(self) -> int:
        return int(self._n_chars / _CHARS_PER_SHOWN_TOKEN)
