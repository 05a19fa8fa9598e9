#!/bin/sh
set -eu
. ./lib/check.sh
. ./services/catalog/settings.sh
. ./services/customers/settings.sh
. ./services/pricing/settings.sh

check 'a quote is for a customer' "$(sh services/pricing/quote.sh c-17 mug)" \
    "GET $customers_url/customers/c-17/tier
GET $pricing_url/prices/mug?customer=c-17"
check 'a discount becomes an offer' "$(sh services/pricing/discount.sh mug 1000 15)" \
    "PUT $pricing_url/prices/mug cents=850
POST $catalog_url/sections/offers/items sku=mug"
check_fails 'discount needs a percentage' sh services/pricing/discount.sh mug 1000
