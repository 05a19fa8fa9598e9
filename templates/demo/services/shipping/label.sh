#!/bin/sh
# Usage: label.sh ORDER CUSTOMER
# Prints the label for a parcel.
set -eu
. ./lib/http.sh
. ./lib/usage.sh
. ./services/shipping/settings.sh

[ $# -eq 2 ] || usage 'label.sh ORDER CUSTOMER'
customers_url=$(service_url customers "${SHOP_CUSTOMERS_URL-}")

http GET "$customers_url/customers/$2/address"
http POST "$shipping_url/labels" "order=$1"
