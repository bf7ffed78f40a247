FROM scratch
COPY . /
COPY --chown=65534:65534 empty /prometheus
ENV PATH=/usr/bin:/bin
WORKDIR /prometheus
VOLUME /prometheus
USER 65534:65534
EXPOSE 9090
ENTRYPOINT ["/usr/bin/prometheus"]
