# Messages for people; standard output is for answers.

# note TEXT...: says what is going on, unless SHOP_QUIET is set.
note() {
    if [ -z "${SHOP_QUIET-}" ]; then
        echo "shop: $*" >&2
    fi
}
