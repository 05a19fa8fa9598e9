# Where prices and discounts come from.
. ./lib/settings.sh

pricing_url=$(service_url pricing "${SHOP_PRICING_URL-}")
