#!/bin/sh
# Usage: refund.sh ORDER CENTS
# Gives the money back and writes to the customer.
set -eu
. ./lib/http.sh
. ./lib/money.sh
. ./lib/usage.sh
. ./services/payments/settings.sh

[ $# -eq 2 ] || usage 'refund.sh ORDER CENTS'
mail_url=$(service_url mail "${SHOP_MAIL_URL-}")

http POST "$payments_url/refunds" "order=$1&cents=$2"
http POST "$mail_url/messages" "order=$1&template=refund&amount=$(format_cents "$2")"
