FROM scratch
COPY . /
ENV PATH=/usr/local/sbin:/usr/sbin
ENTRYPOINT ["haproxy"]
STOPSIGNAL SIGUSR1
