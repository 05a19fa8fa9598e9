#!/bin/sh
# Usage: export-orders.sh MONTH
# Prints the orders of a month and their parcels, for the accountant.
set -eu
. ./lib/http.sh
. ./lib/settings.sh
. ./lib/usage.sh

[ $# -eq 1 ] || usage 'export-orders.sh MONTH'
orders_url=$(service_url orders "${SHOP_ORDERS_URL-}")
shipping_url=$(service_url shipping "${SHOP_SHIPPING_URL-}")

http GET "$orders_url/orders?month=$1&format=csv"
http GET "$shipping_url/parcels?month=$1&format=csv"
