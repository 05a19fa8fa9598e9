# Amounts of money, which are whole cents everywhere.

# format_cents CENTS: for people, as in "12.05 EUR".
format_cents() {
    printf '%d.%02d %s\n' "$(($1 / 100))" "$(($1 % 100))" "${SHOP_CURRENCY:-EUR}"
}

# percent_of CENTS PERCENT: rounded down, in the customer's favour when it is a price.
percent_of() {
    echo "$(($1 * $2 / 100))"
}
