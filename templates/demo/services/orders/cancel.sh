#!/bin/sh
# Usage: cancel.sh ORDER
# Cancels an order and stops its parcel.
set -eu
. ./lib/http.sh
. ./lib/usage.sh
. ./services/orders/settings.sh

[ $# -eq 1 ] || usage 'cancel.sh ORDER'
shipping_url=$(service_url shipping "${SHOP_SHIPPING_URL-}")

http POST "$orders_url/orders/$1/cancel"
http DELETE "$shipping_url/parcels/$1"
