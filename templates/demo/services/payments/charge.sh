#!/bin/sh
# Usage: charge.sh ORDER CENTS
# Takes the money and marks the order as paid.
set -eu
. ./lib/http.sh
. ./lib/usage.sh
. ./services/payments/settings.sh

[ $# -eq 2 ] || usage 'charge.sh ORDER CENTS'
orders_url=$(service_url orders "${SHOP_ORDERS_URL-}")

http POST "$payments_url/charges" "order=$1&cents=$2"
http POST "$orders_url/orders/$1/paid"
