#!/bin/sh
set -eu
. ./lib/check.sh
. ./services/customers/settings.sh
. ./services/orders/settings.sh
. ./services/shipping/settings.sh

check 'status has a line for each service' "$(sh tools/status.sh | wc -l | tr -d ' ')" \
    "$(ls services | wc -l | tr -d ' ')"
check 'status knows addresses' "$(sh tools/status.sh | grep '^orders ')" \
    "orders     $orders_url"
check 'smoke asks three services' "$(SHOP_QUIET=1 sh tools/smoke.sh | grep -c '^GET .*/health$')" '3'
check 'finds customers' "$(sh tools/find-customer.sh ada)" \
    "GET $customers_url/search?text=ada"
check 'exports a month' "$(sh tools/export-orders.sh 2024-02)" \
    "GET $orders_url/orders?month=2024-02&format=csv
GET $shipping_url/parcels?month=2024-02&format=csv"
