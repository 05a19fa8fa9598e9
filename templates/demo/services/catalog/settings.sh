# Where the catalog is: sections, items and their descriptions.
. ./lib/settings.sh

catalog_url=$(service_url catalog "${SHOP_CATALOG_URL-}")
