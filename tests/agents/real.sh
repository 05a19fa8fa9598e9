#!/usr/bin/env bash
# Runs the tests with real coding agents: `tests/agents/real.sh [--install-only] [NAME…]`, with all five if none is named.
# They are installed where they are not yet, in the versions below, into $BATCH_AGENTS (~/.cache/batch-agents if it is
# not set), and nowhere else. They talk to a scripted model on loopback, in a network namespace that has nothing else,
# and need neither an account nor a key. What cannot be installed is skipped, and said.

set -uo pipefail

CLAUDE=2.1.328   # @anthropic-ai/claude-code
CODEX=0.169.0    # @openai/codex
OPENCODE=1.18.33 # opencode-ai
GEMINI=0.61.0    # @google/gemini-cli
AIDER=0.86.2     # aider-chat, of PyPI

all=(claude codex opencode gemini aider)
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export BATCH_AGENTS=${BATCH_AGENTS:-${XDG_CACHE_HOME:-$HOME/.cache}/batch-agents}

install_only=
if [ "${1:-}" = --install-only ]; then
    install_only=1
    shift
fi
wanted=("$@")
((${#wanted[@]})) || wanted=("${all[@]}")
for name in "${wanted[@]}"; do
    case " ${all[*]} " in
    *" $name "*) ;;
    *)
        echo "real.sh: no agent is called $name: there are ${all[*]}" >&2
        exit 2
        ;;
    esac
done

say() { printf '%s\n' "$*"; }

# Why an agent is skipped.
why=

# from_npm FOLDER PACKAGE@VERSION: into a folder of its own. What runs at installation is up to npm's settings, so it is
# left out everywhere, and done by the caller where it is needed.
from_npm() {
    command -v node >/dev/null && command -v npm >/dev/null || { why="node and npm are not there"; return 1; }
    local major
    major=$(node -p 'process.versions.node.split(".")[0]')
    ((major >= 20)) || { why="node is $(node --version), and 20 or newer is needed"; return 1; }
    npm install --prefix "$1" --ignore-scripts --no-save --no-audit --no-fund --no-update-notifier --fetch-retries=1 --loglevel=error \
        "$2" >"$1/install.log" 2>&1 </dev/null || { why="npm install $2 failed, see $1/install.log"; return 1; }
}

install_claude() {
    from_npm "$1" "@anthropic-ai/claude-code@$CLAUDE" || return
    local package="$1/node_modules/@anthropic-ai/claude-code"
    (cd "$package" && node install.cjs) >>"$1/install.log" 2>&1
    runs "$1" "$package/bin/claude.exe"
}

install_codex() {
    from_npm "$1" "@openai/codex@$CODEX" || return
    runs "$1" "$1/node_modules/@openai/codex/bin/codex.js"
}

install_opencode() {
    from_npm "$1" "opencode-ai@$OPENCODE" || return
    local package="$1/node_modules/opencode-ai"
    (cd "$package" && node postinstall.mjs) >>"$1/install.log" 2>&1
    runs "$1" "$package/bin/opencode.exe"
}

install_gemini() {
    from_npm "$1" "@google/gemini-cli@$GEMINI" || return
    runs "$1" "$1/node_modules/.bin/gemini"
}

install_aider() {
    local python found=
    for python in python3.12 python3.11 python3.10 python3; do
        if "$python" -c 'import sys, venv, ensurepip; sys.exit(not (3, 10) <= sys.version_info < (3, 13))' 2>/dev/null
        then
            found=$python
            break
        fi
    done
    [ -n "$found" ] || { why="there is no Python 3.10 to 3.12 with venv"; return 1; }
    {
        "$found" -m venv "$1/venv" &&
            "$1/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: "aider-chat==$AIDER"
    } >"$1/install.log" 2>&1 </dev/null || { why="pip install aider-chat==$AIDER failed, see $1/install.log"; return 1; }
    runs "$1" "$1/venv/bin/aider"
}

# runs FOLDER PROGRAM: whether it can be started; it becomes FOLDER/program then.
runs() {
    local home="$1/first-home"
    mkdir -p "$home"
    env -i HOME="$home" PATH="$PATH" "$2" --version >>"$1/install.log" 2>&1 </dev/null ||
        { why="$2 --version failed, see $1/install.log"; return 1; }
    rm -rf "$home"
    ln -sfn "${2#"$1"/}" "$1/program"
}

mkdir -p "$BATCH_AGENTS/bin" || exit 1
BATCH_AGENTS=$(cd "$BATCH_AGENTS" && pwd)
# Two of these at once would install into the same folders.
if command -v flock >/dev/null; then
    exec 9>"$BATCH_AGENTS/.lock"
    flock 9
fi
there=()
for name in "${wanted[@]}"; do
    version=${name^^}
    version=${!version}
    folder="$BATCH_AGENTS/$name-$version"
    if [ ! -e "$folder/program" ]; then
        say "installing $name $version into $folder"
        began=$SECONDS
        rm -rf "$folder"
        mkdir -p "$folder"
        if ! "install_$name" "$folder"; then
            say "skipped: $name: $why"
            [ ! -e "$folder/install.log" ] || tail -n 3 "$folder/install.log" | cut -c 1-200 | sed 's/^/    /'
            continue
        fi
        say "installed $name $version in $((SECONDS - began)) s"
    fi
    ln -sfn "../$name-$version/program" "$BATCH_AGENTS/bin/$name"
    there+=("$name")
done
exec 9>&-

[ -z "$install_only" ] || exit 0
if ((${#there[@]} == 0)); then
    say "no agent is there; nothing was tested"
    exit 0
fi
cd "$checkout" || exit 1
# Each agent's tests have its name, after the module's.
filters=()
for name in "${there[@]}"; do
    filters+=("real_agents::$name")
done
exec cargo test --locked --test e2e -- --nocapture "${filters[@]}"
