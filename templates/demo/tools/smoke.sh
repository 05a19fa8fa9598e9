#!/bin/sh
# Usage: smoke.sh
# Asks the services that customers see for a sign of life, after a deployment.
set -eu
. ./lib/http.sh
. ./lib/log.sh
. ./lib/settings.sh

for url in \
    "$(service_url catalog "${SHOP_CATALOG_URL-}")" \
    "$(service_url pricing "${SHOP_PRICING_URL-}")" \
    "$(service_url orders "${SHOP_ORDERS_URL-}")"; do
    note "asking $url"
    http GET "$url/health"
done
