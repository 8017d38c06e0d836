#!/bin/sh
# Bring the tables to this version, then become the given role: serve, work, serve-rasa, run …
# Waits for nothing: whoever starts this says when the database is there.
set -eu
[ "$#" -gt 0 ] || set -- run
case "$1" in
    run | serve | work | serve-rasa)
        # Several may do this at once: they take turns, and the second finds nothing to do.
        if [ "${ANKANG_MIGRATE:-yes}" != no ]; then
            python -m bot migrate
        fi
        ;;
esac
exec python -m bot "$@"
