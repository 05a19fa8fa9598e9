# Where goods are counted and reserved.
. ./lib/settings.sh

stock_url=$(service_url stock "${SHOP_STOCK_URL-}")
