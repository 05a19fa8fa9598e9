#!/bin/sh
set -eu
. ./lib/check.sh
. ./lib/http.sh
. ./lib/money.sh
. ./lib/settings.sh

check 'a service has an address of its own' "$(service_url orders '')" 'http://orders.localhost'
check 'a setting wins' "$(service_url orders https://eu.example)" 'https://eu.example'
check 'a required setting is taken' "$(required_url bank BANK https://bank.example)" 'https://bank.example'
check_fails 'a required setting has no default' sh -c '. ./lib/settings.sh; required_url bank BANK ""'

check 'a dry run prints the request' "$(http GET http://a.localhost/b)" 'GET http://a.localhost/b'
check 'and its data' "$(http POST http://a.localhost/b c=d)" 'POST http://a.localhost/b c=d'

check 'cents have two digits' "$(SHOP_CURRENCY=EUR format_cents 1205)" '12.05 EUR'
check 'a percentage is rounded down' "$(percent_of 199 10)" '19'
