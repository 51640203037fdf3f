# SPDX-License-Identifier: Apache-2.0
# Clears up after a JVM, whatever ended it: stops the PostgreSQL server in the directory $1 and removes it all.
# The end of the input is the end of that JVM.
trap '' INT HUP TERM
cat > /dev/null
file=$1/postgres/data/postmaster.pid
pid=$(head -n 1 "$file")
if [ -n "$pid" ]; then
  kill -QUIT "$pid"
  tries=0
  while [ -e "$file" ] && kill -0 "$pid" && [ $tries -lt 100 ]; do
    sleep 0.1
    tries=$((tries + 1))
  done
fi
rm -rf "$1"
