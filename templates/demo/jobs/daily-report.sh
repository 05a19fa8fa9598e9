#!/bin/sh
# Usage: daily-report.sh
# Sums up yesterday: orders, parcels, new customers.
set -eu
. ./lib/http.sh
. ./lib/settings.sh

orders_url=$(service_url orders "${SHOP_ORDERS_URL-}")
shipping_url=$(service_url shipping "${SHOP_SHIPPING_URL-}")
customers_url=$(service_url customers "${SHOP_CUSTOMERS_URL-}")

http GET "$orders_url/sums/yesterday"
http GET "$shipping_url/sums/yesterday"
http GET "$customers_url/new/yesterday"
