"""Arguments and options that several commands take, or that would bury a command, each described once."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from tierwise.edits import ReplyFormat
from tierwise.store.sums import DIMENSIONS

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document.")]
BatchOption = Annotated[
    Optional[tuple[Path, Path]],  # noqa: UP045
    typer.Option("--batch", help="IN.jsonl OUT.jsonl: one object a line."),
]
HintOption = Annotated[str, typer.Option("--hint", help="auto, low or high: how hard you think it is.")]
SinceOption = Annotated[Optional[str], typer.Option("--since", help="e.g. 12h, 30d, 4w, or 2026-11-01.")]  # noqa: UP045

CASES_HELP = "A file of cases, a folder of such files, or `golden` for those that come along."
OnlyOption = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option("--only", help="Cases of this id, action, language or tag; may be given again."),
]

# tierwise stats

ByOption = Annotated[str, typer.Option("--by", help=f"One of {', '.join(DIMENSIONS)}; member with --team.")]
BaselineOption = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--baseline", help="The model that would have done everything; unset: the top tier's first."),
]
CsvOption = Annotated[bool, typer.Option("--csv", help="Comma-separated values, one line a group.")]
TeamOption = Annotated[bool, typer.Option("--team", help="Over everybody who shares the team's ledger.")]

# tierwise apply-reply

ReplyArgument = Annotated[Optional[Path], typer.Argument(help="A file with the reply; - for standard input.")]  # noqa: UP045
ReplyRootOption = Annotated[Optional[Path], typer.Option("--root", help="The folder the reply's paths are in.")]  # noqa: UP045
OnlyFileOption = Annotated[Optional[str], typer.Option("--file", help="The one file it may touch, below the root.")]  # noqa: UP045
FormatOption = Annotated[ReplyFormat, typer.Option("--format", help="How the reply is written.")]
WriteOption = Annotated[bool, typer.Option("--apply", help="Write the files.")]
AgreeOption = Annotated[bool, typer.Option("--yes", help="Agree to changes of protected files.")]

# tierwise eval

CasesArgument = Annotated[Optional[Path], typer.Argument(help=CASES_HELP)]  # noqa: UP045
ModelsOption = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--models", help="BACKEND/MODEL,… Without it the first of each tier that can be asked."),
]
RepeatOption = Annotated[int, typer.Option("--repeat", min=1, help="Runs of each case with each model.")]
ConcurrencyOption = Annotated[int, typer.Option("--concurrency", min=1, max=64, help="Runs at the same time.")]
RunOption = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--run", help="The file the results go to; one that an earlier try left is gone on with."),
]
BudgetOption = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--budget", help="US dollars that all of it may cost, earlier tries included."),
]
JudgeOption = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--judge", help="BACKEND/MODEL for cases that a model judges. Without it roles.judge, else top."),
]
BeginOption = Annotated[bool, typer.Option("--yes", help="Begin without asking about the money.")]
PriorsOption = Annotated[
    bool, typer.Option("--write-priors", help="Let the router start from these results instead of published ones.")
]
CompareOption = Annotated[
    Optional[tuple[Path, Path]],  # noqa: UP045
    typer.Option("--compare", help="Two files of results: whether the second is better. Nothing is run."),
]

# tierwise golden

KeptArgument = Annotated[str, typer.Argument(help="An action's key, as `golden list` shows it, or `last`.")]
FolderOption = Annotated[Path, typer.Option("--to", help="The folder the case is written to.")]
FateOption = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--fate", help="kept, changed, undone or rejected, where the ledger knows it wrong."),
]
CaseIdOption = Annotated[Optional[str], typer.Option("--id", help="The case's id.")]  # noqa: UP045
MeaningOption = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--judge", help="What a right answer does, in a sentence, for a model to judge by."),
]
RightOption = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--right", help="A file with a right reply, where no edit was kept."),
]
