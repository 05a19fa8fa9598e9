#!/bin/sh
# Usage: place.sh CUSTOMER SKU QUANTITY
# Reserves the goods, then files the order: an order without goods helps nobody.
set -eu
. ./lib/http.sh
. ./lib/usage.sh
. ./services/orders/settings.sh

[ $# -eq 3 ] || usage 'place.sh CUSTOMER SKU QUANTITY'
stock_url=$(service_url stock "${SHOP_STOCK_URL-}")

http POST "$stock_url/items/$2/reservations" "quantity=$3"
http POST "$orders_url/orders" "customer=$1&sku=$2&quantity=$3"
