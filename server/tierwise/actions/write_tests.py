"""Write tests for one function, method or class, and prove that they test it."""

from tierwise.actions.base import COMMON_CHECKS, Action, Difficulty, Scope, Site, Target
from tierwise.actions.examples.tests_of_programs import PROGRAMS
from tierwise.actions.examples.tests_of_scripts import SCRIPTS
from tierwise.actions.targets import callable_here, file_name
from tierwise.checks import Check
from tierwise.context.tests_layout import is_test_file


def find_target(site: Site) -> Target | None:
    """The function around the cursor, unless the file is itself a test."""
    return None if is_test_file(file_name(site.snapshot.uri)) else callable_here(site)


ACTION = Action(
    id="write_tests",
    title="Write tests for {target}",
    kind="refactor.rewrite.tierwise.writeTests",
    difficulty=Difficulty.STANDARD,
    scope=Scope.TEST_FILE,
    find_target=find_target,
    instructions=(
        "Write tests for the target. Cover the usual case, the borders and the errors it raises, each in a test of its"
        " own with a name that says what is expected. Test only what the code and the docstrings shown settle, and work"
        " out every expected value from them as they stand, even where they look wrong. Compare results with the exact"
        " values expected, by the assertions of the framework named; that something is returned, or its type, is no"
        " test. Run the target itself: no mocks unless it talks to the outside, no copies of it, no sleeping, no"
        " network. Import the target from its module as shown. Reply with the complete test file; when a test file is"
        " shown, keep every test in it and add to it; its imports may be extended."
    ),
    checks=(*COMMON_CHECKS, Check.IMPORTS_RESOLVE, Check.TESTS_PASS),
    output_ratio=3.0,
    examples=SCRIPTS + PROGRAMS,
)
