#!/bin/bash
# The containers' own health check, with nothing but the shell: a new node process every few seconds would cost more.
#
#   healthcheck tcp 50051            something accepts connections at the port
#   healthcheck http 8080 /health    the path answers 200
exec 3<>"/dev/tcp/127.0.0.1/$2" || exit 1
[[ "$1" == tcp ]] && exit 0
printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$3" >&3
read -r -t 3 _ status _ <&3
[[ "$status" == 200 ]]
