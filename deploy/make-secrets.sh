#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the secrets of a stack where they are missing, in DIRECTORY/all, and gives each part a directory with those that it
# needs and that only its user can read, as files named like the properties that they set.
set -eu
cd "${1:?directory of the secrets}"
umask 077

make() { # NAME LENGTH
  [ -s "all/$1" ] || { tr -dc 'A-Za-z0-9' < /dev/urandom | head -c "$2" > all/.part && mv all/.part "all/$1"; }
}

give() { # PART USER FILE|FILE=NAME…
  part=$1 user=$2
  shift 2
  for file; do
    cp "all/${file%%=*}" "$part/.part"
    chmod 400 "$part/.part"
    chown "$user" "$part/.part"
    # In one step, and over a file that root without its privileges could not write to.
    mv -f "$part/.part" "$part/${file#*=}"
  done
  chmod 755 "$part"
}

for service in job-service device-dispatcher status-aggregator api-gateway; do
  make "database.$service" 40
done
for name in postgres.password ota.internal-token ota.files.signing-key ota.mqtt.password ota.gateway.master-key; do
  make "$name" 40
done
make 'ota.gateway.access-keys[0].secret' 30
[ -s 'all/ota.gateway.access-keys[0].id' ] || printf 'OTA%s' "$(tr -dc 'A-Z0-9' < /dev/urandom | head -c 17)" > 'all/ota.gateway.access-keys[0].id'

# 10001 is the user of our images, 10000 that of HiveMQ's.
give postgres postgres postgres.password database.job-service database.device-dispatcher database.status-aggregator database.api-gateway
give mqtt-broker 10000 ota.internal-token ota.mqtt.password
give job-service 10001 ota.internal-token database.job-service=ota.database.password
give device-dispatcher 10001 ota.internal-token ota.mqtt.password ota.files.signing-key database.device-dispatcher=ota.database.password
give status-aggregator 10001 ota.internal-token database.status-aggregator=ota.database.password
give api-gateway 10001 ota.internal-token ota.files.signing-key ota.gateway.master-key database.api-gateway=ota.database.password \
  'ota.gateway.access-keys[0].id' 'ota.gateway.access-keys[0].secret'
