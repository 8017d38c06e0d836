#!/bin/sh
# Make the secret files that compose.yaml reads, once; those that exist are left alone.
# Lose master_key and every patient's words are lost: keep a copy where the backups are not.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
hex() { od -An -tx1 -N "$1" /dev/urandom | tr -d ' \n'; }
make() { # name, content
    if [ ! -e "secrets/$1" ]; then
        printf '%s' "$2" > "secrets/$1"
        # The folder is closed to others; inside the containers another user id has to read it.
        chmod 0444 "secrets/$1"
        echo "made docker/secrets/$1"
    fi
}
make master_key "$(hex 32)"
make rasa_token "$(hex 24)"
make telegram_webhook_secret "$(hex 24)"
make postgres_password "$(hex 24)"
make database_url "postgresql+psycopg://ankang:$(cat secrets/postgres_password)@postgres:5432/ankang"
# Empty until you fill them in: no Telegram, no language model's key.
make telegram_token ""
make llm_api_key ""
