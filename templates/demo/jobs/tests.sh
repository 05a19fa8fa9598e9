#!/bin/sh
set -eu
. ./lib/check.sh
. ./services/customers/settings.sh
. ./services/mail/settings.sh
. ./services/orders/settings.sh
. ./services/shipping/settings.sh
. ./services/stock/settings.sh

check 'restocks' "$(sh jobs/restock.sh)" \
    "POST $stock_url/restock below=10
POST $mail_url/messages to=buyers&template=restocked"
check 'reminds' "$(sh jobs/remind.sh)" \
    "GET $orders_url/baskets?left=last-week
POST $mail_url/messages to=baskets&template=reminder"
check 'sums up' "$(sh jobs/daily-report.sh)" \
    "GET $orders_url/sums/yesterday
GET $shipping_url/sums/yesterday
GET $customers_url/new/yesterday"
