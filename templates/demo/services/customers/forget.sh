#!/bin/sh
# Usage: forget.sh ID
# Erases a customer. The mail goes first: afterwards there is no address left to write to.
set -eu
. ./lib/http.sh
. ./lib/usage.sh
. ./services/customers/settings.sh

[ $# -eq 1 ] || usage 'forget.sh ID'
mail_url=$(service_url mail "${SHOP_MAIL_URL-}")

http POST "$mail_url/messages" "to=$1&template=forgotten"
http DELETE "$customers_url/customers/$1"
