# Arguments of commands.

# usage TEXT: says how the command is called, and ends it.
usage() {
    echo "usage: $1" >&2
    exit 2
}
