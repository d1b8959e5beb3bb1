"""Test files that test something: patterns over the targets, and functions of kinds that need tests of their own."""

PATTERNS = {
    "plain": "def test_it():\n    assert {call} == {value}\n",
    "all known calls": "def test_it():\n    assert {call} == {value}\n{others}",
    "parameters": (
        "import pytest\n@pytest.mark.parametrize('got, expected', [({call}, {value})], ids=['a'])\n"
        "def test_it(got, expected):\n    assert got == expected\n"
    ),
    "a class with a fixture": (
        "import pytest\n@pytest.fixture\ndef expected():\n    return {value}\n"
        "class TestIt:\n    def test_it(self, expected):\n        assert {call} == expected\n"
    ),
    "unittest": (
        "import unittest\nclass T(unittest.TestCase):\n    def setUp(self):\n        self.expected = {value}\n"
        "    def test_it(self):\n        self.assertEqual({call}, self.expected)\n"
    ),
    "a function that asserts": (
        "def same(got, expected):\n    assert got == expected\ndef test_it():\n    same({call}, {value})\n"
    ),
}

SPECIAL = {
    "prints": (
        "def greet(name):\n    print(f'Hello, {name}!')\n",
        "from target import greet\ndef test_it(capsys):\n    greet('Ann')\n"
        "    assert capsys.readouterr().out == 'Hello, Ann!\\n'\n",
    ),
    "writes a file": (
        "def save(path, words):\n    with open(path, 'w') as file:\n        file.write(' '.join(words))\n",
        "from target import save\ndef test_it(tmp_path):\n    save(tmp_path / 'a', ['x', 'y'])\n"
        "    assert (tmp_path / 'a').read_text() == 'x y'\n",
    ),
    "raises only": (
        "def check(n):\n    if n < 0:\n        raise ValueError('negative')\n",
        "import pytest\nfrom target import check\ndef test_it():\n"
        "    with pytest.raises(ValueError, match='negative'):\n"
        "        check(-1)\n    assert check(1) is None\n",
    ),
    "the error alone": (
        "def half(n):\n    if n % 2:\n        raise ValueError('odd')\n    return n // 2\n",
        "import pytest\nfrom target import half\ndef test_it():\n    with pytest.raises(ValueError):\n"
        "        half(3)\n",
    ),
    "the error by hand": (
        "def half(n):\n    if n % 2:\n        raise ValueError('odd')\n    return n // 2\n",
        "from target import half\ndef test_it():\n    try:\n        half(3)\n    except ValueError as error:\n"
        "        assert str(error) == 'odd'\n    else:\n        raise AssertionError('no error')\n",
    ),
    "changes its argument": (
        "def drop_last(items):\n    if items:\n        del items[-1]\n",
        "from target import drop_last\ndef test_it():\n    items = [1, 2]\n    drop_last(items)\n"
        "    assert items == [1]\n",
    ),
    "asynchronous": (
        "async def twice(n):\n    return n * 2\n",
        "import asyncio\nfrom target import twice\ndef test_it():\n    assert asyncio.run(twice(4)) == 8\n",
    ),
    "asks the clock": (
        "import time\ndef age(since):\n    return int(time.time() - since)\n",
        "import target\ndef test_it(monkeypatch):\n    monkeypatch.setattr(target.time, 'time', lambda: 100.0)\n"
        "    assert target.age(40) == 60\n",
    ),
    "calls something given": (
        "def each(items, do):\n    for item in items:\n        do(item)\n",
        "from unittest.mock import Mock, call\nfrom target import each\ndef test_it():\n    do = Mock()\n"
        "    each([1, 2], do)\n    assert do.mock_calls == [call(1), call(2)]\n",
    ),
    "a decorator": (
        "import functools\ndef doubled(f):\n    @functools.wraps(f)\n    def inner(*args):\n"
        "        return 2 * f(*args)\n"
        "    return inner\n",
        "from target import doubled\ndef test_it():\n    assert doubled(lambda x: x)(3) == 6\n",
    ),
    "a context": (
        "import contextlib\n@contextlib.contextmanager\ndef noted(log):\n    log.append('in')\n    yield len(log)\n"
        "    log.append('out')\n",
        "from target import noted\ndef test_it():\n    log = []\n    with noted(log) as n:\n        assert n == 1\n"
        "    assert log == ['in', 'out']\n",
    ),
    "a property": (
        "class Box:\n    def __init__(self, w, h):\n        self.w, self.h = w, h\n    @property\n    def area(self):\n"
        "        return self.w * self.h\n",
        "from target import Box\ndef test_it():\n    assert Box(2, 5).area == 10\n",
    ),
    "equality": (
        "class Name:\n    def __init__(self, text):\n        self.text = text\n    def __eq__(self, other):\n"
        "        return self.text.lower() == other.text.lower()\n    __hash__ = None\n",
        "from target import Name\ndef test_it():\n    assert Name('A') == Name('a')\n"
        "    assert Name('A') != Name('b')\n",
    ),
    "itself again": (
        "def factorial(n):\n    return 1 if n < 2 else n * factorial(n - 1)\n",
        "from target import factorial\ndef test_it():\n    assert factorial(5) == 120\n    assert factorial(0) == 1\n",
    ),
    "the environment": (
        "import os\ndef level():\n    return os.environ.get('LEVEL', 'low').upper()\n",
        "from target import level\ndef test_it(monkeypatch):\n    monkeypatch.setenv('LEVEL', 'high')\n"
        "    assert level() == 'HIGH'\n    monkeypatch.delenv('LEVEL')\n    assert level() == 'LOW'\n",
    ),
    "a loop that may not end": (
        "def count(n):\n    i = 0\n    while i < n:\n        i += 1\n    return i\n",
        "from target import count\ndef test_it():\n    assert count(3) == 3\n",
    ),
    "dates": (
        "from datetime import date, timedelta\ndef next_day(day):\n    return day + timedelta(days=1)\n",
        "from datetime import date\nfrom target import next_day\ndef test_it():\n"
        "    assert next_day(date(2024, 2, 28)) == date(2024, 2, 29)\n",
    ),
    "a record": (
        "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass Money:\n    cents: int\n"
        "    def plus(self, other):\n"
        "        return Money(self.cents + other.cents)\n",
        "from target import Money\ndef test_it():\n    assert Money(1).plus(Money(2)) == Money(3)\n",
    ),
    "nothing found": (
        "def find(items, wanted):\n    for i, item in enumerate(items):\n        if item == wanted:\n"
        "            return i\n"
        "    return None\n",
        "from target import find\ndef test_it():\n    assert find('abc', 'b') == 1\n"
        "    assert find('abc', 'x') is None\n",
    ),
    "asynchronous tests": (
        "async def twice(n):\n    return n * 2\n",
        "from target import twice\nasync def test_it():\n    assert await twice(4) == 8\n",
    ),
}
"""Module and test file."""
