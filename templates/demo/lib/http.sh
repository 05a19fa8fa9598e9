# Requests to services.

# http METHOD URL [DATA]: does the request and prints the answer.
# With SHOP_DRY_RUN it prints the request and does nothing, which is what tests compare.
http() {
    if [ -n "${SHOP_DRY_RUN-}" ]; then
        echo "$*"
    elif [ $# -eq 3 ]; then
        curl --silent --show-error --fail --request "$1" --data "$3" "$2"
    else
        curl --silent --show-error --fail --request "$1" "$2"
    fi
}
