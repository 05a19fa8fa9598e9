# Assertions for tests.sh files.

# check WHAT ACTUAL EXPECTED: ends the test when the two differ.
check() {
    if [ "$2" != "$3" ]; then
        {
            echo "$1:"
            echo "  expected: $3"
            echo "  got:      $2"
        } >&2
        exit 1
    fi
}

# check_fails WHAT COMMAND...: ends the test when the command succeeds.
check_fails() {
    what=$1
    shift
    if "$@" >/dev/null 2>&1; then
        echo "$what: should have failed" >&2
        exit 1
    fi
}
