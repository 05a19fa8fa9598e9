#!/bin/sh
# Usage: test.sh [FILE...]
# Runs the tests of the folders that hold these files; all tests when those have none, or when lib/ is among them.
set -u
case $0 in
*/*) CDPATH='' cd -- "${0%/*}" || exit 2 ;;
esac
SHOP_DRY_RUN=1
export SHOP_DRY_RUN

folders=
for file in "$@"; do
    folder=${file%/*}
    folder=${folder#./}
    if [ "$folder" = lib ]; then
        folders=
        break
    fi
    if [ -f "$folder/tests.sh" ]; then
        case " $folders " in
        *" $folder "*) ;;
        *) folders="$folders $folder" ;;
        esac
    fi
done
if [ -z "$folders" ]; then
    folders='lib services/* tools jobs'
fi

total=0
failed=
# Unquoted: the list is split into folders, and services/* is expanded.
for folder in $folders; do
    total=$((total + 1))
    if output=$(sh "./$folder/tests.sh" 2>&1); then
        echo "ok    $folder"
    else
        failed="$failed $folder"
        echo "FAIL  $folder"
        printf '%s\n' "$output" | sed 's/^/      /'
    fi
done

if [ -n "$failed" ]; then
    echo "failed:$failed"
    exit 1
fi
echo "all $total passed"
