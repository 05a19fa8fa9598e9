#!/bin/sh
# Usage: track.sh ORDER
# Says where a parcel is, and closes the order when it has arrived.
set -eu
. ./lib/http.sh
. ./lib/usage.sh
. ./services/shipping/settings.sh

[ $# -eq 1 ] || usage 'track.sh ORDER'
orders_url=$(service_url orders "${SHOP_ORDERS_URL-}")

http GET "$shipping_url/parcels/$1"
http POST "$orders_url/orders/$1/close-if-arrived"
