#!/bin/sh
# Usage: show.sh ID
# Shows a customer and their last orders.
set -eu
. ./lib/http.sh
. ./lib/usage.sh
. ./services/customers/settings.sh

[ $# -eq 1 ] || usage 'show.sh ID'
orders_url=$(service_url orders "${SHOP_ORDERS_URL-}")

http GET "$customers_url/customers/$1"
http GET "$orders_url/orders?customer=$1&last=5"
