# Where money is taken. There is no default: a forgotten setting must not charge a real card.
. ./lib/settings.sh

payments_url=$(required_url payments SHOP_PAYMENTS_URL "${SHOP_PAYMENTS_URL-}") || exit 1
