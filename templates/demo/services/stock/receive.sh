#!/bin/sh
# Usage: receive.sh SKU QUANTITY
# Books a delivery in and shows the item in the catalog again.
set -eu
. ./lib/http.sh
. ./lib/usage.sh
. ./services/stock/settings.sh

[ $# -eq 2 ] || usage 'receive.sh SKU QUANTITY'
catalog_url=$(service_url catalog "${SHOP_CATALOG_URL-}")

http POST "$stock_url/items/$1/deliveries" "quantity=$2"
http POST "$catalog_url/items/$1/show"
