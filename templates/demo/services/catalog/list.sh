#!/bin/sh
# Usage: list.sh [SECTION]
# Lists the items of a section, or of all, and which of them are sold out.
set -eu
. ./lib/http.sh
. ./services/catalog/settings.sh

section=${1-all}
stock_url=$(service_url stock "${SHOP_STOCK_URL-}")

http GET "$catalog_url/sections/$section/items"
http GET "$stock_url/sold-out?section=$section"
