#!/bin/sh
set -eu
. ./lib/check.sh
. ./lib/money.sh
. ./services/mail/settings.sh
. ./services/orders/settings.sh
. ./services/payments/settings.sh

check 'takes the money first' "$(sh services/payments/charge.sh o-4 1205)" \
    "POST $payments_url/charges order=o-4&cents=1205
POST $orders_url/orders/o-4/paid"
check 'a refund is announced' "$(sh services/payments/refund.sh o-4 500)" \
    "POST $payments_url/refunds order=o-4&cents=500
POST $mail_url/messages order=o-4&template=refund&amount=$(format_cents 500)"
check_fails 'charge needs an amount' sh services/payments/charge.sh o-4
