#!/bin/sh
# Usage: status.sh
# Shows where each service is reached from here.
set -eu
. ./lib/settings.sh

show() {
    printf '%-10s %s\n' "$1" "$2"
}

show catalog "$(service_url catalog "${SHOP_CATALOG_URL-}")"
show customers "$(service_url customers "${SHOP_CUSTOMERS_URL-}")"
show mail "$(service_url mail "${SHOP_MAIL_URL-}")"
show orders "$(service_url orders "${SHOP_ORDERS_URL-}")"
show payments "${SHOP_PAYMENTS_URL:-not set}"
show pricing "$(service_url pricing "${SHOP_PRICING_URL-}")"
show shipping "$(service_url shipping "${SHOP_SHIPPING_URL-}")"
show stock "$(service_url stock "${SHOP_STOCK_URL-}")"
