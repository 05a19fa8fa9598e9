# Where the customers are: names, addresses and consent.
. ./lib/settings.sh

customers_url=$(service_url customers "${SHOP_CUSTOMERS_URL-}")
