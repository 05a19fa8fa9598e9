# Settings: where the services are.
# Functions here take the value of a setting, so that this file knows none of their names.

if [ -f ./.env ]; then
    . ./.env
fi

# service_url SERVICE VALUE: the value, or else the service's address on a developer's machine.
service_url() {
    echo "${2:-http://$1.localhost}"
}

# required_url SERVICE SETTING VALUE: the value; ends the script when there is none.
required_url() {
    if [ -z "$3" ]; then
        echo "$1: $2 is not set; add it to .env" >&2
        exit 1
    fi
    echo "$3"
}
