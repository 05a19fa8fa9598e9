#!/bin/sh
set -eu
. ./lib/check.sh
. ./services/catalog/settings.sh
. ./services/orders/settings.sh
. ./services/stock/settings.sh

check 'counts what is left and what is held' "$(sh services/stock/count.sh mug)" \
    "GET $stock_url/items/mug
GET $orders_url/orders?sku=mug&state=open"
check 'what came in is shown again' "$(sh services/stock/receive.sh mug 40)" \
    "POST $stock_url/items/mug/deliveries quantity=40
POST $catalog_url/items/mug/show"
check_fails 'receive needs a quantity' sh services/stock/receive.sh mug
