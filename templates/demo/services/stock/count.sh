#!/bin/sh
# Usage: count.sh SKU
# Says how many are left, with those that open orders hold.
set -eu
. ./lib/http.sh
. ./lib/usage.sh
. ./services/stock/settings.sh

[ $# -eq 1 ] || usage 'count.sh SKU'
orders_url=$(service_url orders "${SHOP_ORDERS_URL-}")

http GET "$stock_url/items/$1"
http GET "$orders_url/orders?sku=$1&state=open"
