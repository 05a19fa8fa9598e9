# Where mail is sent from.
. ./lib/settings.sh

mail_url=$(service_url mail "${SHOP_MAIL_URL-}")
