#!/bin/sh
set -eu
. ./lib/check.sh
. ./services/catalog/settings.sh
. ./services/customers/settings.sh
. ./services/mail/settings.sh

check 'asks for the language, then sends' "$(sh services/mail/send.sh c-17 thanks)" \
    "GET $customers_url/customers/c-17/language
POST $mail_url/messages to=c-17&template=thanks"
check 'a preview sends nothing' "$(sh services/mail/preview.sh offer mug)" \
    "GET $catalog_url/items/mug
GET $mail_url/templates/offer/preview?item=mug"
check_fails 'send needs a template' sh services/mail/send.sh c-17
