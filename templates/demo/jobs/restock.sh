#!/bin/sh
# Usage: restock.sh
# Orders what runs low, and tells the buyers.
set -eu
. ./lib/http.sh
. ./lib/settings.sh

stock_url=$(service_url stock "${SHOP_STOCK_URL-}")
mail_url=$(service_url mail "${SHOP_MAIL_URL-}")

http POST "$stock_url/restock" 'below=10'
http POST "$mail_url/messages" 'to=buyers&template=restocked'
