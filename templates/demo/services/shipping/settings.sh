# Where parcels are announced and tracked.
. ./lib/settings.sh

shipping_url=$(service_url shipping "${SHOP_SHIPPING_URL-}")
