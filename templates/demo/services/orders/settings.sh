# Where orders are filed and followed.
. ./lib/settings.sh

orders_url=$(service_url orders "${SHOP_ORDERS_URL-}")
