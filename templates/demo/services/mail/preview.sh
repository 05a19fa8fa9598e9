#!/bin/sh
# Usage: preview.sh TEMPLATE SKU
# Renders a template with an item in it, and sends nothing.
set -eu
. ./lib/http.sh
. ./lib/usage.sh
. ./services/mail/settings.sh

[ $# -eq 2 ] || usage 'preview.sh TEMPLATE SKU'
catalog_url=$(service_url catalog "${SHOP_CATALOG_URL-}")

http GET "$catalog_url/items/$2"
http GET "$mail_url/templates/$1/preview?item=$2"
