"""Names of files that are never changed without a yes, however they are written, and replies that try to."""

import json
from collections.abc import Callable, Mapping

from tierwise.edits import ReplyFormat

PLAIN = (
    *(
        ".git/config",
        ".git/hooks/pre-commit",
        ".git",
        ".gitmodules",
        ".gitattributes",
        ".hg/hgrc",
        ".git/info/attributes",
    ),
    *(
        ".env",
        ".env.local",
        "deploy/.env.production",
        ".envrc",
        ".npmrc",
        ".netrc",
        ".pypirc",
        "id_rsa",
        "id_ed25519.pub",
    ),
    *("server.pem", "tls/private.key", "keystore.jks", "client.p12", ".ssh/authorized_keys", ".aws/credentials"),
    *("terraform.tfstate", "prod.tfvars", "secrets.yaml", ".docker/config.json", ".kube/config", "kubeconfig"),
    *(
        "package-lock.json",
        "yarn.lock",
        "pnpm-lock.yaml",
        "poetry.lock",
        "uv.lock",
        "Cargo.lock",
        "go.sum",
        "Gemfile.lock",
    ),
    *(".github/workflows/ci.yml", ".gitlab-ci.yml", ".circleci/config.yml", "Jenkinsfile", "azure-pipelines.yml"),
    *(".pre-commit-config.yaml", ".husky/pre-commit", "netlify.toml", "cloudbuild.yaml", "CODEOWNERS"),
    *(".tierwise.toml", ".vscode/settings.json", ".vscode/tasks.json", ".idea/workspace.xml", ".nvim.lua", ".exrc"),
    *(".devcontainer/devcontainer.json", ".cursor/rules", ".claude/settings.json", ".mcp.json", ".zed/settings.json"),
    *("AGENTS.md", "CLAUDE.md", ".github/copilot-instructions.md", "sitecustomize.py", "evil.pth", ".bashrc"),
    *("node_modules/a/index.js", ".venv/bin/activate", "lib/site-packages/x.py", "vendor/x.go", "third_party/x.c"),
    *("composer.lock", "flake.lock", ".travis.yml", "bitbucket-pipelines.yml", "secrets.json", "credentials.json"),
    *(".htpasswd", "app.js.map", ".terraform/x", "zz_generated.deepcopy.go", ".svn/entries", ".cargo/config.toml"),
    *("app.min.js", "x_pb2.py", "dist/index.js", "migrations/0001_initial.py", "LICENSE", "NOTICE"),
)
WRITTEN_OTHERWISE = (
    *(
        ".GIT/config",
        ".Git/hooks/post-checkout",
        ".VSCode/settings.json",
        ".ENV",
        "PACKAGE-LOCK.JSON",
        ".GitHub/Workflows/x.yml",
    ),
    *(
        "./.git/config",
        "src/../.git/config",
        ".//.env",
        "src/./../.vscode/tasks.json",
        ".git\\config",
        ".vscode\\settings.json",
    ),
    *(
        ".git./config",
        ".git /config",
        ".env.",
        ".env ",
        ".vscode. /settings.json",
        ".git::$INDEX_ALLOCATION/config",
        ".env:x",
    ),
    *("git~1/config", "\uff0egit/config", "\u2024env", ".git\u2215config", ".git\uff0fconfig", ".git\u2044hooks/x"),
    *(".g\u200cit/config", "\ufeff.env", ".e\u00adnv", ".\uff47it/config", "\uff30ackage-lock.json", ".env\u200b"),
)
NAMES = PLAIN + WRITTEN_OTHERWISE
OLD, NEW = "one\ntwo\nthree\n", "one\nTWO\nthree\n"
CHANGED = NEW.replace("TWO", "zwei")


def _quoted(name: str) -> str:
    return f"{name}\n<<<<<<< SEARCH\ntwo\n=======\nzwei\n>>>>>>> REPLACE\n"


def _new_quoted(name: str) -> str:
    return f"{name}\n<<<<<<< SEARCH\n=======\nzwei\n>>>>>>> REPLACE\n"


def _diff(name: str) -> str:
    return f"--- a/{name}\n+++ b/{name}\n@@ -1,3 +1,3 @@\n one\n-two\n+zwei\n three\n"


def _patch(section: str) -> str:
    return f"*** Begin Patch\n{section}\n*** End Patch\n"


CHANGES: Mapping[str, tuple[ReplyFormat, Callable[[str], str]]] = {
    "whole": (ReplyFormat.WHOLE, lambda name: f"{name}\n```\none\nzwei\nthree\n```\n"),
    "search-replace": (ReplyFormat.SEARCH_REPLACE, _quoted),
    "udiff": (ReplyFormat.UDIFF, _diff),
    "patch": (ReplyFormat.PATCH, lambda name: _patch(f"*** Update File: {name}\n@@\n one\n-two\n+zwei\n three")),
    "json": (ReplyFormat.JSON, lambda name: json.dumps([{"path": name, "old": "two", "new": "zwei"}])),
}
"""How a reply changes a file, by its form."""
CREATIONS: Mapping[str, tuple[ReplyFormat, Callable[[str], str]]] = {
    "create-whole": (ReplyFormat.WHOLE, lambda name: f"{name}\n```\nzwei\n```\n"),
    "create-search-replace": (ReplyFormat.SEARCH_REPLACE, _new_quoted),
    "create-udiff": (ReplyFormat.UDIFF, lambda name: f"--- /dev/null\n+++ b/{name}\n@@ -0,0 +1 @@\n+zwei\n"),
    "create-patch": (ReplyFormat.PATCH, lambda name: _patch(f"*** Add File: {name}\n+zwei")),
    "create-json": (ReplyFormat.JSON, lambda name: json.dumps([{"path": name, "old": "", "new": "zwei\n"}])),
    "move-onto": (
        ReplyFormat.PATCH,
        lambda name: _patch(f"*** Update File: app.py\n*** Move to: {name}\n@@\n-x = 1\n+x = 2"),
    ),
}
"""How a reply brings a file into being."""
REMOVALS: Mapping[str, tuple[ReplyFormat, Callable[[str], str]]] = {
    "delete": (ReplyFormat.PATCH, lambda name: _patch(f"*** Delete File: {name}")),
    "move-away": (
        ReplyFormat.PATCH,
        lambda name: _patch(f"*** Update File: {name}\n*** Move to: away.py\n@@\n-two\n+zwei"),
    ),
}
"""How a reply takes a file away."""
