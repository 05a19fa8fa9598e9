#!/bin/sh
# Usage: quote.sh CUSTOMER SKU
# Says what an item costs a customer: regulars pay less.
set -eu
. ./lib/http.sh
. ./lib/usage.sh
. ./services/pricing/settings.sh

[ $# -eq 2 ] || usage 'quote.sh CUSTOMER SKU'
customers_url=$(service_url customers "${SHOP_CUSTOMERS_URL-}")

http GET "$customers_url/customers/$1/tier"
http GET "$pricing_url/prices/$2?customer=$1"
