#!/bin/sh
set -eu
. ./lib/check.sh
. ./services/customers/settings.sh
. ./services/orders/settings.sh
. ./services/shipping/settings.sh

check 'a label needs an address' "$(sh services/shipping/label.sh o-4 c-17)" \
    "GET $customers_url/customers/c-17/address
POST $shipping_url/labels order=o-4"
check 'tracks a parcel' "$(sh services/shipping/track.sh o-4)" \
    "GET $shipping_url/parcels/o-4
POST $orders_url/orders/o-4/close-if-arrived"
check_fails 'track needs an order' sh services/shipping/track.sh
