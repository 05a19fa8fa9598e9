#!/bin/sh
# Usage: find-customer.sh TEXT
# Finds customers by name or address, for the help desk.
set -eu
. ./lib/http.sh
. ./lib/settings.sh
. ./lib/usage.sh

[ $# -eq 1 ] || usage 'find-customer.sh TEXT'
customers_url=$(service_url customers "${SHOP_CUSTOMERS_URL-}")

http GET "$customers_url/search?text=$1"
