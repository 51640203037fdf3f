#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the secrets of a stack, once, as files named like the properties they set.
set -eu
cd "${1:?directory of the secrets}"
umask 077
make() {
  [ -s "$1" ] || { tr -dc 'A-Za-z0-9' < /dev/urandom | head -c "$2" > "$1.part" && mv "$1.part" "$1"; }
}
make postgres.password 40
make ota.database.password 40
make ota.internal-token 40
make ota.files.signing-key 40
make ota.mqtt.password 40
make ota.gateway.master-key 40
make 'ota.gateway.access-keys[0].secret' 30
[ -s 'ota.gateway.access-keys[0].id' ] || printf 'OTA%s' "$(tr -dc 'A-Z0-9' < /dev/urandom | head -c 17)" > 'ota.gateway.access-keys[0].id'
# Read by containers that run as other users; the volume is mounted by nobody else.
chmod 755 . && chmod 644 ./*
