"""What the user did not ask for is asked first, and after a refusal the user is asked what to do now."""

from collections.abc import Callable
from typing import Any

from e2e.interleaving import Interleaving, Run
from e2e.profiles import CODE, NVIM, Profile
from e2e.test_partly_applied import texts
from e2e.world import World

WorldFor = Callable[[Profile], World]


def changed(world: World, *, confirms: bool, **files: bool) -> tuple[Interleaving, Any]:
    """A change of all files with what the client makes of it; the answer."""
    interleaving = Interleaving(world, "\n", "é", "\n")
    interleaving.changes_all(**{"makes": False, "moves": False, "deletes": False, **files})
    interleaving.model_answers(0, is_good=True)
    while interleaving.talk.edits:
        interleaving.client_answers("takes", confirms=confirms)
    answer = world.conversation.outcome(interleaving.over[-1].number)
    assert answer is not None
    return interleaving, answer["result"]


def test_files_come_and_go_only_when_the_user_agrees(world_for: WorldFor) -> None:
    world = world_for(CODE)
    interleaving, result = changed(world, confirms=False, makes=True, deletes=True)
    assert (result["status"], result["code"]) == ("cancelled", "declined")
    assert "SHARED = 2" not in "".join(texts(interleaving).values())
    assert len(list(interleaving.folder.iterdir())) == 4
    assert world.conversation.proposals == []
    interleaving.leave()
    interleaving, result = changed(world, confirms=True, makes=True, moves=True)
    assert result["status"] == "applied"
    names = {uri.rpartition("/")[2] for uri in texts(interleaving)}
    assert names == {"mod_a.py", "moved_mod_b.py", "mod_c.py", "mod_d.py", "made.py"}
    interleaving.leave()


def test_where_the_user_cannot_be_asked_the_proposal_is_shown(world_for: WorldFor) -> None:
    world = world_for(NVIM)
    interleaving, result = changed(world, confirms=True, makes=True)
    assert (result["status"], result["code"]) == ("proposed", "needs-consent")
    assert "creates 'made.py', which nobody asked for" in result["message"]
    assert "SHARED = 2" not in "".join(texts(interleaving).values())
    (shown,) = world.conversation.proposals
    assert len(shown["files"]) == 5
    interleaving.leave()


def test_after_a_refusal_the_next_tier_is_a_button_and_bars_carry_the_menus_words(world_for: WorldFor) -> None:
    world = world_for(CODE)
    talk = world.conversation
    talk.choose = lambda titles: next((title for title in titles if title.startswith("Try")), None)
    interleaving = Interleaving(world, "\n", "plain", "\n")
    uri = interleaving.editor.uri("mod_a.py")
    at = interleaving.editor.buffers[uri].text.index("def f1")
    arguments = {"action": "document", "uri": uri, "range": interleaving.editor.range(uri, at), "tier": "local"}
    run = Run(0, {uri: "1"}, '```python\ndef f1(x):\n    """Give f1."""\n    return x + 1\n```\n')
    interleaving.start(arguments, run)
    n_asked = 0
    while run in interleaving.runs:
        interleaving.model_answers(0, is_good=False)
        n_asked += 1
    interleaving.wait(talk.until(lambda: len(world.held) == n_asked + 1))
    assert talk.asked[-1]["actions"] == [{"title": "Why"}, {"title": "Try bulk: medium"}]
    world.held[-1].text.get_loop().call_soon(world.held[-1].text.set_result, run.reply)
    interleaving.wait(talk.until(lambda: bool(talk.edits)))
    interleaving.runs.append(run)
    interleaving.client_answers("takes", confirms=True)
    interleaving.runs.clear()
    assert '"""Give f1."""' in interleaving.editor.buffers[uri].text
    interleaving.wait(talk.until(lambda: any("Document f1" in words for words in talk.told)))
    assert set(talk.titles) == {"Tierwise: Document f1"}
    interleaving.leave()
