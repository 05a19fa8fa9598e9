#!/bin/sh
set -eu
. ./lib/check.sh
. ./services/catalog/settings.sh
. ./services/pricing/settings.sh
. ./services/stock/settings.sh

check 'lists a section' "$(sh services/catalog/list.sh kitchen)" \
    "GET $catalog_url/sections/kitchen/items
GET $stock_url/sold-out?section=kitchen"
check 'lists everything' "$(sh services/catalog/list.sh)" \
    "GET $catalog_url/sections/all/items
GET $stock_url/sold-out?section=all"
check 'shows an item with its price' "$(sh services/catalog/show.sh mug)" \
    "GET $catalog_url/items/mug
GET $pricing_url/prices/mug"
check_fails 'show needs an item' sh services/catalog/show.sh
