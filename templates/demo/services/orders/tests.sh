#!/bin/sh
set -eu
. ./lib/check.sh
. ./services/orders/settings.sh
. ./services/shipping/settings.sh
. ./services/stock/settings.sh

check 'reserves, then files' "$(sh services/orders/place.sh c-17 mug 2)" \
    "POST $stock_url/items/mug/reservations quantity=2
POST $orders_url/orders customer=c-17&sku=mug&quantity=2"
check 'a cancelled order is not shipped' "$(sh services/orders/cancel.sh o-4)" \
    "POST $orders_url/orders/o-4/cancel
DELETE $shipping_url/parcels/o-4"
check_fails 'place needs a quantity' sh services/orders/place.sh c-17 mug
