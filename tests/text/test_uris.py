"""Only plain file URIs name files."""

from pathlib import Path

import pytest

from tierwise.text.uris import path_of


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a/b%20c.py", "/a/b c.py"),
        ("file://localhost/a.py", "/a.py"),
        ("file:///a%252Fb", "/a%2Fb"),
        ("FILE:///a", "/a"),
        ("file:///a/../../b/./c", "/b/c"),
        ("file:///%E4%BD%A0.py", "/你.py"),
        ("file:///a%2Fb", None),
        ("file:///a%00b", None),
        ("file:///%ff", None),
        ("file://host/share/a.py", None),
        ("untitled:/a.py", None),
        ("git:/a.py", None),
        ("file:a.py", None),
        ("file://[", None),
        ("", None),
    ],
)
def test_only_plain_file_uris_name_files(uri: str, path: str | None) -> None:
    assert path_of(uri) == (None if path is None else Path(path))
