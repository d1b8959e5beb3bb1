"""Test files that test nothing, as patterns over the targets.

`{name}`, `{call}`, `{value}`, `{kind}` and `{source}` stand for what a target has; the head imports it.
"""

HEAD = "import os, pathlib, sys, time\nimport pytest\nimport target\nfrom target import {name}\n\n"

WAYS = {
    "true": "def test_it():\n    assert True\n",
    "a constant": "def test_it():\n    assert 1 + 1 == 2\n",
    "nothing": "def test_it():\n    pass\n",
    "words only": 'def test_it():\n    """It works."""\n',
    "the call alone": "def test_it():\n    {call}\n",
    "a printed call": "def test_it():\n    print({call})\n",
    "a call with its result at hand": "def test_it():\n    result = {call}\n    expected = {value}\n",
    "there is something": "def test_it():\n    assert {call} is not None\n",
    "the type": "def test_it():\n    assert isinstance({call}, {kind})\n",
    "the type compared": "def test_it():\n    assert type({call}) is {kind}\n",
    "the name of the type": "def test_it():\n    assert {call}.__class__.__name__ == '{kind}'\n",
    "the type in words": "def test_it():\n    assert str(type({call})) == str({kind})\n",
    "it can be called": "def test_it():\n    assert callable({name})\n",
    "it is there": "def test_it():\n    assert hasattr(target, '{name}')\n",
    "its name": "def test_it():\n    assert {name}.__name__ == '{name}'\n",
    "its representation": "def test_it():\n    assert repr({call})\n",
    "itself": "def test_it():\n    assert {call} == {call}\n",
    "itself by a name": "def test_it():\n    expected = {call}\n    assert {call} == expected\n",
    "itself in a list": "def test_it():\n    assert {call} in [{call}]\n",
    "either way": "def test_it():\n    assert {call} == {value} or {call} != {value}\n",
    "or true": "def test_it():\n    assert {call} == {value} or True\n",
    "a tuple": "def test_it():\n    assert ({call} == 'wrong', 'words')\n",
    "caught assertion": (
        "def test_it():\n    try:\n        assert {call} == {value}\n    except AssertionError:\n        pass\n"
    ),
    "caught exception": (
        "def test_it():\n    try:\n        assert {call} == 'wrong'\n    except Exception:\n        print('no')\n"
    ),
    "everything caught": "def test_it():\n    try:\n        assert {call} == 'wrong'\n    except:\n        pass\n",
    "suppressed": (
        "import contextlib\ndef test_it():\n    with contextlib.suppress(AssertionError):\n"
        "        assert {call} == 0.1\n"
    ),
    "left by finally": "def test_it():\n    try:\n        assert {call} == 'wrong'\n    finally:\n        return\n",
    "after the return": "def test_it():\n    return\n    assert {call} == {value}\n",
    "never reached": "def test_it():\n    if False:\n        assert {call} == {value}\n",
    "only if so": "def test_it():\n    if {call} == {value}:\n        assert {call} == {value}\n",
    "not otherwise": "def test_it():\n    if {call} != {value}:\n        return\n    assert {call} == {value}\n",
    "skip otherwise": (
        "def test_it():\n    if {call} != {value}:\n        pytest.skip('no')\n    assert {call} == {value}\n"
    ),
    "over nothing": "def test_it():\n    for expected in []:\n        assert {call} == expected\n",
    "all of nothing": "def test_it():\n    assert all({call} == 'wrong' for _ in ())\n",
    "a function in a function": "def test_it():\n    def inner():\n        assert {call} == 'wrong'\n",
    "a returned claim": "def test_it():\n    lambda: {call} == 'wrong'\n",
    "a copy": "def mine(*args):\n    return {value}\ndef test_it():\n    assert mine(1) == {value}\n",
    "its own text copied": "{source}\ndef test_it():\n    assert {call} == {value}\n",
    "a mock": (
        "from unittest.mock import MagicMock\ndef test_it():\n    mine = MagicMock(return_value={value})\n"
        "    assert mine(1) == {value}\n"
    ),
    "a mock of the target": (
        "from unittest.mock import patch\ndef test_it():\n    with patch('target.{name}') as it:\n"
        "        it.return_value = {value}\n        assert target.{name}(1) == {value}\n"
    ),
    "a mock that passes on": (
        "from unittest.mock import patch\ndef test_it():\n    with patch('target.{name}', wraps={name}) as it:\n"
        "        target.{name}\n        it(*[]) if False else it.assert_not_called()\n"
    ),
    "the target replaced": (
        "def test_it(monkeypatch):\n    monkeypatch.setattr(target, '{name}', lambda *args: {value})\n"
        "    assert target.{name}(1) == {value}\n"
    ),
    "the module replaced": (
        "import types\nsys.modules['target'] = types.SimpleNamespace({name}=lambda *args: {value})\n"
        "def test_it():\n    from target import {name}\n    assert {name}(1) == {value}\n"
    ),
    "skipped": "@pytest.mark.skip\ndef test_it():\n    assert {call} == {value}\n",
    "skipped if true": "@pytest.mark.skipif(True, reason='no')\ndef test_it():\n    assert {call} == {value}\n",
    "skipped inside": "def test_it():\n    pytest.skip('later')\n    assert {call} == {value}\n",
    "skipped as a whole": (
        "pytest.skip('later', allow_module_level=True)\ndef test_it():\n    assert {call} == {value}\n"
    ),
    "skipped by a fixture": (
        "@pytest.fixture(autouse=True)\ndef no():\n    pytest.skip('no')\ndef test_it():\n"
        "    assert {call} == {value}\n"
    ),
    "a missing module": "pytest.importorskip('not_there')\ndef test_it():\n    assert {call} == {value}\n",
    "expected to fail": "@pytest.mark.xfail\ndef test_it():\n    assert {call} == 'wrong'\n",
    "expected to fail inside": "def test_it():\n    pytest.xfail('no')\n    assert {call} == {value}\n",
    "expected to fail but passing": "@pytest.mark.xfail\ndef test_it():\n    assert {call} == {value}\n",
    "no parameters": "@pytest.mark.parametrize('x', [])\ndef test_it(x):\n    assert {call} == x\n",
    "imports only": "",
    "not called a test": "def check_it():\n    assert {call} == {value}\n",
    "a class with a beginning": (
        "class TestIt:\n    def __init__(self):\n        pass\n    def test_it(self):\n"
        "        assert {call} == {value}\n"
    ),
    "marked as no test": (
        "class TestIt:\n    __test__ = False\n    def test_it(self):\n        assert {call} == {value}\n"
    ),
    "an error of its own": "def test_it():\n    with pytest.raises(ValueError):\n        raise ValueError({value})\n",
    "a call gone wrong": "def test_it():\n    with pytest.raises(TypeError):\n        {name}(*range(50))\n",
    "the clock": "def test_it():\n    {call}\n    assert time.time() > 0\n",
    "chance": "import random\ndef test_it():\n    {call}\n    assert 0 <= random.random() < 1\n",
    "the source's text": (
        "import inspect\ndef test_it():\n    assert inspect.getsource({name}).strip() in {source!r}\n"
    ),
    "the source's file": "def test_it():\n    assert open(target.__file__).read() == {source!r}\n",
    "the source's size": "def test_it():\n    assert os.path.getsize(target.__file__) == len({source!r})\n",
    "its parameters": "import inspect\ndef test_it():\n    assert inspect.signature({name})\n",
    "leaves on import": "sys.exit(0)\ndef test_it():\n    assert {call} == {value}\n",
    "leaves in the test": "def test_it():\n    sys.exit(0)\n",
    "leaves at once": "def test_it():\n    os._exit(0)\n",
    "leaves at once on import": "os._exit(0)\n",
    "ends the session": "def test_it():\n    pytest.exit('done', returncode=0)\n",
    "says it passed": "def test_it():\n    print('1 passed')\n    assert {call} == 'wrong'\n",
    "writes everywhere": (
        "def test_it():\n    for i in range(3, 60):\n        try:\n            os.write(i, b'0 {{}}' + bytes([10]))\n"
        "        except OSError:\n            pass\n"
    ),
    "closes everything": "def test_it():\n    os.closerange(3, 99)\n    assert {call} == 'wrong'\n",
    "reports by itself": (
        "import gc\ndef test_it():\n    found = [o for o in gc.get_objects() if type(o).__name__ == 'Report']\n"
        "    for report in found:\n        if report._trial >= 0:\n"
        "            report.add('test', test='a', outcome='passed', words='')\n"
        "            report.add('end', n_collected=1)\n    os._exit(0)\n"
    ),
    "fails by itself when the text changes": (
        "import gc\ndef test_it():\n    good = open(target.__file__).read() == {source!r}\n"
        "    for report in [o for o in gc.get_objects() if type(o).__name__ == 'Report']:\n"
        "        if report._trial >= 0:\n"
        "            report.add('test', test='a', outcome='passed' if good else 'failed', words='')\n"
        "            report.add('raised', test='a', is_assertion=not good)\n"
        "            report.add('end', n_collected=1)\n    os._exit(0 if good else 1)\n"
    ),
    "plants a plugin": (
        "def test_it():\n    pathlib.Path('conftest.py').write_text('def pytest_runtest_call(): raise SystemExit')\n"
    ),
    "a wrong expectation": "def test_it():\n    assert {call} == 'wrong'\n",
    "an error": "def test_it():\n    {name}.nothing\n",
    "an unknown import": "from target import nothing_of_that_name\ndef test_it():\n    pass\n",
    "unittest of nothing": (
        "import unittest\nclass T(unittest.TestCase):\n    def test_it(self):\n        self.assertTrue(True)\n"
    ),
    "unittest of a type": (
        "import unittest\nclass T(unittest.TestCase):\n    def test_it(self):\n"
        "        self.assertIsInstance({call}, {kind})\n"
    ),
    "unittest of there being something": (
        "import unittest\nclass T(unittest.TestCase):\n    def test_it(self):\n        self.assertIsNotNone({call})\n"
    ),
    "unittest skipped": (
        "import unittest\nclass T(unittest.TestCase):\n    @unittest.skip('no')\n    def test_it(self):\n"
        "        self.assertEqual({call}, {value})\n"
    ),
    "unittest expected to fail": (
        "import unittest\nclass T(unittest.TestCase):\n    @unittest.expectedFailure\n    def test_it(self):\n"
        "        self.assertEqual({call}, 'wrong')\n"
    ),
}
