#!/bin/bash
# Builds the extension, installs it into a real VS Code and does in its window what a programmer would do.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)

export TIERWISE_PYTHON=${TIERWISE_PYTHON:-$root/.venv/bin/python}
"$TIERWISE_PYTHON" -c 'import tierwise' || {
  echo "'$TIERWISE_PYTHON' has no package tierwise: run 'make setup', or name another with TIERWISE_PYTHON" >&2
  exit 1
}
./setup.sh
(cd "$root/client-vscode" && { [[ -d node_modules ]] || npm ci --ignore-scripts --loglevel=error; } && npm run --silent package)
rm -rf "$root/test-results/vscode"
exec node --test --test-reporter=spec --test-concurrency=1 "$@" e2e.test.mjs trust.test.mjs report.test.mjs
