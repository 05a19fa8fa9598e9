#!/bin/sh
# Usage: send.sh CUSTOMER TEMPLATE
# Sends a template to a customer, in their language.
set -eu
. ./lib/http.sh
. ./lib/usage.sh
. ./services/mail/settings.sh

[ $# -eq 2 ] || usage 'send.sh CUSTOMER TEMPLATE'
customers_url=$(service_url customers "${SHOP_CUSTOMERS_URL-}")

http GET "$customers_url/customers/$1/language"
http POST "$mail_url/messages" "to=$1&template=$2"
