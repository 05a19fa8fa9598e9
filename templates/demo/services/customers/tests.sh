#!/bin/sh
set -eu
. ./lib/check.sh
. ./services/customers/settings.sh
. ./services/mail/settings.sh
. ./services/orders/settings.sh

check 'shows a customer with orders' "$(sh services/customers/show.sh c-17)" \
    "GET $customers_url/customers/c-17
GET $orders_url/orders?customer=c-17&last=5"
check 'writes before it forgets' "$(sh services/customers/forget.sh c-17)" \
    "POST $mail_url/messages to=c-17&template=forgotten
DELETE $customers_url/customers/c-17"
check_fails 'forget needs a customer' sh services/customers/forget.sh
