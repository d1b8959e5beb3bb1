#!/bin/bash
# Installs a real VS Code (code-server), the Node it wants and a browser driver, all below this folder.
# Install scripts are skipped on purpose: every native part that the tests touch is prebuilt in the packages.
set -euo pipefail
cd "$(dirname "$0")"

if [[ $(uname -sm) != 'Linux x86_64' ]]; then
  echo 'the tests in the real editor run on Linux on x86-64 only' >&2
  exit 1
fi

if ! command -v chromium >/dev/null && [[ -z ${TIERWISE_CHROMIUM:-} ]]; then
  if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
    echo 'Chromium is missing: install it, or name one with TIERWISE_CHROMIUM' >&2
    exit 1
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
fi

# The stamp says what was installed, so that a second call costs nothing and a changed lock installs again.
stamp=node_modules/.stamp
wanted=$(cat package-lock.json setup.sh | cksum)
if [[ -f $stamp && $(<"$stamp") == "$wanted" ]]; then exit 0; fi

flags=(--ignore-scripts --no-audit --no-fund --loglevel=error)
npm ci "${flags[@]}"
editor=node_modules/code-server/lib/vscode
for folder in "$editor" "$editor/extensions"; do
  (cd "$folder" && npm ci --omit=dev --legacy-peer-deps "${flags[@]}")
done
echo "$wanted" >"$stamp"
