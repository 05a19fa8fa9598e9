#!/bin/sh
# Usage: remind.sh
# Writes to those who left something in their basket last week.
set -eu
. ./lib/http.sh
. ./lib/settings.sh

orders_url=$(service_url orders "${SHOP_ORDERS_URL-}")
mail_url=$(service_url mail "${SHOP_MAIL_URL-}")

http GET "$orders_url/baskets?left=last-week"
http POST "$mail_url/messages" 'to=baskets&template=reminder'
