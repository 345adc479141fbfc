#!/bin/sh
# Makes .venv and installs the packages, only when something changed.
#   sh setup.sh STEPS       what the demo needs; STEPS is how many steps the caller counts in all
#   sh setup.sh STEPS dev   also what tests and checks need
# PYTHON=/path/to/python3.12 chooses the interpreter.
set -eu
cd "$(dirname "$0")"
steps=$1
venv_python=.venv/bin/python
log=.venv/install.log

fail() {
    echo "$1" >&2
    exit 1
}

# These run in Pythons of any age, so they keep to what all of them can parse.
is_supported() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }
can_make_venvs() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }
version_of() { "$1" -c 'import sys; print(".".join(map(str, sys.version_info[:3])))' 2>/dev/null; }

choose_python() {
    seen="" without_venv=""
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
        if is_supported "$candidate"; then
            can_make_venvs "$candidate" && { python=$candidate; return; }
            without_venv=${without_venv:-$candidate}
        elif version=$(version_of "$candidate"); then
            seen="$seen; found: $candidate is $version"
        fi
    done
    [ -z "$without_venv" ] ||
        fail "$without_venv cannot make virtual environments: its venv module is missing (Debian: apt install python3-venv)."
    fail "Python 3.11, 3.12 or 3.13 is needed${PYTHON:+ (PYTHON=$PYTHON)}$seen. Name one: make demo PYTHON=/path/to/python3.12"
}

# A line that changes on a terminal; elsewhere a line every ten seconds.
watch() {
    total=$(grep -c '^[a-z0-9].*==' "$1")
    ticks=0
    while kill -0 "$installing" 2>/dev/null; do
        if grep -q '^Installing collected packages' $log; then
            progress="putting them in place"
        else
            progress="$(grep -cE '^(Collecting|Processing) ' $log || true) of about $total packages"
        fi
        if [ -t 1 ]; then
            printf '\r\033[K      %s' "$progress"
        elif [ $((ticks % 10)) -eq 9 ]; then
            echo "      $progress"
        fi
        ticks=$((ticks + 1))
        sleep 1
    done
    [ ! -t 1 ] || printf '\r\033[K'
}

# The copy of the list is the stamp: contents, unlike dates, survive a checkout.
install() {
    stamp=.venv/installed-$1
    cmp -s "$1" "$stamp" && return
    : >$log
    $venv_python -m pip install --disable-pip-version-check --no-input --progress-bar off \
        --require-hashes -r "$1" >$log 2>&1 &
    installing=$!
    # The shell makes its background children deaf to Ctrl-C.
    trap 'kill $installing 2>/dev/null; exit 130' INT TERM HUP
    watch "$1"
    wait $installing || {
        tail -n 5 $log >&2
        fail "The packages could not be installed; the whole story is in $log."
    }
    trap - INT TERM HUP
    cp "$1" "$stamp"
}

echo "[1/$steps] Virtual environment .venv…"
if ! is_supported $venv_python || ! $venv_python -m pip --version >/dev/null 2>&1; then
    choose_python
    echo "      making it with $python $(version_of "$python")"
    "$python" -m venv --clear .venv || fail "The virtual environment could not be made."
fi
echo "[2/$steps] Packages…"
install requirements.txt
[ "${2:-}" != dev ] || install requirements-dev.txt
