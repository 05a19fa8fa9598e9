#!/bin/sh
# Usage: discount.sh SKU CENTS PERCENT
# Lowers a price of so many cents, and puts the item on the offers page.
set -eu
. ./lib/http.sh
. ./lib/money.sh
. ./lib/usage.sh
. ./services/pricing/settings.sh

[ $# -eq 3 ] || usage 'discount.sh SKU CENTS PERCENT'
catalog_url=$(service_url catalog "${SHOP_CATALOG_URL-}")
price=$(($2 - $(percent_of "$2" "$3")))

http PUT "$pricing_url/prices/$1" "cents=$price"
http POST "$catalog_url/sections/offers/items" "sku=$1"
