#!/bin/sh
# Usage: show.sh SKU
# Shows one item with its price.
set -eu
. ./lib/http.sh
. ./lib/usage.sh
. ./services/catalog/settings.sh

[ $# -eq 1 ] || usage 'show.sh SKU'
pricing_url=$(service_url pricing "${SHOP_PRICING_URL-}")

http GET "$catalog_url/items/$1"
http GET "$pricing_url/prices/$1"
